// The roles of people and their scopes, without schemas, for pages.
import type { Scope } from './scope.ts';

/** The roles of people in a workspace. Each has the scopes of the one before it. */
export const roles = ['viewer', 'decider', 'operator', 'admin'] as const;
type Role = (typeof roles)[number];

const viewer: Scope[] = ['runs:read'];
const decider: Scope[] = [...viewer, 'approvals:decide'];
const operator: Scope[] = [...decider, 'runs:write', 'connections:write', 'webhooks:write'];

export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  viewer,
  decider,
  operator,
  admin: [...operator, 'admin'],
};
