// How many things a workspace may have. docs/limits.md names each bound.
import { type ErrorCode, problem } from './error.ts';

type LimitCode = Extract<ErrorCode, `${string}_limit_reached`>;
type ItemLimit = { max: number; items: string; remedy?: string; code: LimitCode };
const limit = (max: number, items: string, remedy: string) =>
  ({ max, items, remedy, code: 'item_limit_reached' }) satisfies ItemLimit;
const limitOfCode = (max: number, items: string, code: LimitCode) => ({ max, items, code }) satisfies ItemLimit;

/** The most items of a workspace that take effect at once, by kind. Revoked, expired and deleted ones do not count. */
export const itemLimits = {
  apiKeys: limit(200, 'API keys', 'Revoke keys that are not used.'),
  replacedApiKeys: limit(
    200,
    'replaced API keys that are still valid',
    'Revoke replaced keys, or rotate with a shorter `overlapSeconds`.',
  ),
  members: limit(1000, 'members and open invitations', 'Remove members, or revoke invitations.'),
  invitations: limitOfCode(200, 'open invitations', 'invitation_limit_reached'),
  // An operator may set another limit for a workspace.
  integrations: limitOfCode(1000, 'integrations', 'integration_limit_reached'),
  // Each call is compared with every rule.
  approvalRules: limit(500, 'approval rules', 'Revoke rules that are not needed.'),
  actions: limit(1000, 'actions', 'Delete actions that are not used.'),
  schedules: limitOfCode(100, 'schedules', 'schedule_limit_reached'),
  // Each event makes a delivery for every webhook.
  webhooks: limitOfCode(20, 'webhooks', 'webhook_limit_reached'),
  origins: limitOfCode(50, 'allowed origins', 'origin_limit_reached'),
} as const satisfies Record<string, ItemLimit>;

export type ItemKind = keyof typeof itemLimits;

/** The refusal of one more item. @param max if it is not the maximum of the declaration */
export function itemLimitProblem(kind: ItemKind, max: number = itemLimits[kind].max) {
  const { items, code, remedy }: ItemLimit = itemLimits[kind];
  const detail = `The workspace has its maximum of ${max.toLocaleString('en-US')} ${items}.`;
  return problem(code, detail, { values: { max }, ...(remedy !== undefined && { remedy }) });
}
