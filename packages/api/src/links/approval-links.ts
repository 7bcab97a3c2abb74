import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import type { Links } from '@errand/engine';

export type ApprovalLink = { workspaceId: string; approvalId: string; action: 'approve' | 'deny' };

/** Port: what the approval pages need. */
export type ApprovalPort = {
  /** Reads the token of a link; null when it is not one of ours. */
  open(token: string): ApprovalLink | null;
  /** Makes the token of a link. */
  sign(link: ApprovalLink): string;
  /** Keys that bind forms to browsers: the first one signs, all are accepted. */
  formKeys(): SigningKeys;
  /** The URL of the service. */
  publicUrl(): string;
  /** Whether a link suffices to decide. Not with four eyes: nobody knows whether the requester holds the link. */
  linksDecide: boolean;
};

const ACTIONS = ['approve', 'deny'] as const;
export const ID_BYTES = 16;

type ApprovalLinks = Pick<Links, 'approvalLinks'> & Pick<ApprovalPort, 'open' | 'sign' | 'publicUrl'>;

/**
 * Links to decisions. A token names workspace, approval and action, and is signed, so that nothing is stored. The approval says whether
 * it can still be decided.
 * @param publicUrl gives the URL of the service: a function, because the port may be known only once the service listens
 */
export function createApprovalLinks(keys: () => SigningKeys, publicUrl: () => string): ApprovalLinks {
  const sign = ({ workspaceId, approvalId, action }: ApprovalLink): string =>
    signToken(
      keys(),
      Buffer.concat([bytesOf(workspaceId), bytesOf(approvalId), Buffer.from([ACTIONS.indexOf(action)])]),
    );
  return {
    sign,
    publicUrl,
    open(token) {
      const body = openToken(keys(), token);
      const action = body?.length === 2 * ID_BYTES + 1 ? ACTIONS[body[2 * ID_BYTES]!] : undefined;
      return body && action ? { workspaceId: uuidOf(body, 0), approvalId: uuidOf(body, ID_BYTES), action } : null;
    },
    approvalLinks: (workspaceId, approvalId) =>
      ACTIONS.map((action) => ({
        action,
        url: `${publicUrl()}/v1/runs/approval?token=${sign({ workspaceId, approvalId, action })}`,
      })),
  };
}

export const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex');

export function uuidOf(bytes: Buffer, from: number): string {
  const hex = bytes.toString('hex', from, from + ID_BYTES);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
