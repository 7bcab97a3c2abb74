import { z } from 'zod';
import type { Scope } from './scope.ts';

/** The roles of people in a workspace. Each has the scopes of the one before it. */
export const roles = ['viewer', 'decider', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export const Role = z.enum(roles).meta({
  id: 'Role',
  description:
    'What a person may do in a workspace. viewer: read. decider: also decide requests. operator: also create runs, and change integrations and webhooks. admin: everything, also keys and members.',
  examples: ['operator'],
});

const viewer: Scope[] = ['runs:read'];
const decider: Scope[] = [...viewer, 'approvals:decide'];
const operator: Scope[] = [...decider, 'runs:write', 'connections:write', 'webhooks:write'];

export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = {
  viewer,
  decider,
  operator,
  admin: [...operator, 'admin'],
};

/** Whether a role has all scopes of another one. */
export const includesRole = (role: Role, other: Role): boolean => roles.indexOf(role) >= roles.indexOf(other);
