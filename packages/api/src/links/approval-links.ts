import { openToken, type SigningKeys, signToken } from '@errand/basics/signed-token';
import type { Links } from '@errand/engine';

export type ApprovalLink = { workspaceId: string; approvalId: string; action: 'approve' | 'deny' };

/** Port of the approval pages. */
export type ApprovalPort = {
  /** Reads the token of a link; null if this service did not sign it. */
  open(token: string): ApprovalLink | null;
  /** Makes the token of a link. */
  sign(link: ApprovalLink): string;
  /** Keys that bind forms to browsers: the first key signs, all keys are accepted. */
  formKeys(): SigningKeys;
  publicUrl(): string;
  /** Whether a link is enough to decide. Not under four eyes, because the requester may have the link. */
  linksDecide: boolean;
};

const ACTIONS = ['approve', 'deny'] as const;
export const ID_BYTES = 16;

type ApprovalLinkSigner = Pick<Links, 'approvalLinks'> & Pick<ApprovalPort, 'open' | 'sign' | 'publicUrl'>;

/**
 * Links to decisions. A signed token contains workspace, approval and action, so links are not stored. The approval determines whether
 * it can still be decided.
 * @param publicUrl a function, because the port may be unknown until the service listens
 */
export function createApprovalLinks(keys: () => SigningKeys, publicUrl: () => string): ApprovalLinkSigner {
  const sign = ({ workspaceId, approvalId, action }: ApprovalLink): string =>
    signToken(
      keys(),
      Buffer.concat([uuidToBytes(workspaceId), uuidToBytes(approvalId), Buffer.from([ACTIONS.indexOf(action)])]),
    );
  return {
    sign,
    publicUrl,
    open(token) {
      const body = openToken(keys(), token);
      const action = body?.length === 2 * ID_BYTES + 1 ? ACTIONS[body[2 * ID_BYTES]!] : undefined;
      return body && action
        ? { workspaceId: uuidFromBytes(body, 0), approvalId: uuidFromBytes(body, ID_BYTES), action }
        : null;
    },
    approvalLinks: (workspaceId, approvalId) =>
      ACTIONS.map((action) => ({
        action,
        url: `${publicUrl()}/v1/runs/approval?token=${sign({ workspaceId, approvalId, action })}`,
      })),
  };
}

export const uuidToBytes = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex');

export function uuidFromBytes(bytes: Buffer, from: number): string {
  const hex = bytes.toString('hex', from, from + ID_BYTES);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
