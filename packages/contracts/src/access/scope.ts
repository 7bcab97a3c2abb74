/** Permissions of API keys. */
export const scopes = [
  'runs:read',
  'runs:write',
  'approvals:decide',
  'connections:write',
  'webhooks:write',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];
