import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ApprovalDoor, ApprovalLink } from '@errand/api';
import type { Vault } from '@errand/db';
import type { Links } from '@errand/engine';

const actions = ['approve', 'deny'] as const;
const ID_BYTES = 16;
const BODY_BYTES = 2 * ID_BYTES + 1;
const MAC_BYTES = 32;

type ApprovalLinks = Pick<Links, 'approval'> & Pick<ApprovalDoor, 'open' | 'sign' | 'publicUrl'>;

/**
 * Links to decisions. A token names workspace, approval and action under an HMAC, so that nothing of it is stored: whether it may
 * still decide is what the approval says.
 * @param publicUrl where callers reach the service, asked for when a link is made
 */
export function createLinks(vault: Vault, publicUrl: () => string): ApprovalLinks {
  const keys = () => vault.keysFor('approval link');
  const mac = (key: Buffer, body: Buffer) => createHmac('sha256', key).update(body).digest();
  const sign = ({ workspaceId, approvalId, action }: ApprovalLink): string => {
    const body = Buffer.concat([bytesOf(workspaceId), bytesOf(approvalId), Buffer.from([actions.indexOf(action)])]);
    return Buffer.concat([body, mac(keys()[0], body)]).toString('base64url');
  };
  return {
    sign,
    publicUrl,
    open(token) {
      const bytes = Buffer.from(token, 'base64url');
      // base64url is read leniently; only what we would have written is one of ours
      if (bytes.length !== BODY_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return null;
      const [body, given] = [bytes.subarray(0, BODY_BYTES), bytes.subarray(BODY_BYTES)];
      const action = actions[body[BODY_BYTES - 1]!];
      if (!action || !keys().some((key) => timingSafeEqual(mac(key, body), given))) return null;
      return { workspaceId: uuidOf(body, 0), approvalId: uuidOf(body, ID_BYTES), action };
    },
    approval: (workspaceId, approvalId) =>
      actions.map((action) => ({
        action,
        url: `${publicUrl()}/v1/runs/approval?token=${sign({ workspaceId, approvalId, action })}`,
      })),
  };
}

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex');

function uuidOf(bytes: Buffer, from: number): string {
  const hex = bytes.toString('hex', from, from + ID_BYTES);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
