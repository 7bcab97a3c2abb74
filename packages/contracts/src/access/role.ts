import { z } from 'zod';
import { roles } from './role-scopes.ts';

export { roles, scopesOfRole } from './role-scopes.ts';
export type Role = (typeof roles)[number];

export const Role = z.enum(roles).meta({
  id: 'Role',
  description:
    'What a person may do in a workspace. viewer: read. decider: also decide requests. operator: also create runs, and change integrations and webhooks. admin: everything, also keys and members.',
  examples: ['operator'],
});

/** Whether a role has all scopes of another one. */
export const includesRole = (role: Role, other: Role): boolean => roles.indexOf(role) >= roles.indexOf(other);
