// What a user token may do, as principals and rows have it. The operations are in ../user-tokens.ts, which checks the values.
import { z } from 'zod';
import type { ApprovalStrategy } from '../base/approval-strategy.ts';
import type { JsonSchema } from '../base/json.ts';
import type { Scope } from './scope.ts';

/** The abilities of user tokens. */
export const userAbilities = ['watch', 'decide', 'edit', 'connect', 'ask'] as const;
export const UserAbility = z.enum(userAbilities).meta({
  id: 'UserAbility',
  description:
    'What a user token can do for its user. watch: read and stream runs, and their requests. decide: decide approvals, and answer questions. edit: with decide, also change the arguments of approved calls. connect: get consent links. ask: create, cancel and rate runs.',
  examples: ['watch'],
});
export type UserAbility = z.infer<typeof UserAbility>;

/** The scopes that a key needs to mint a token with an ability, and must keep while the token is used. */
export const scopesOfAbility: Readonly<Record<UserAbility, readonly Scope[]>> = {
  watch: ['runs:read'],
  decide: ['runs:read', 'approvals:decide'],
  edit: ['approvals:decide'],
  connect: ['connections:write'],
  ask: ['runs:write'],
};

export type UserTokenLimits = { requestsPerMinute: number; streams: number; openRuns: number };

/** The abilities and bounds of a token. `run`: settings of every run that it creates. */
export type UserTokenGrant = {
  can: UserAbility[];
  runIds?: string[] | undefined;
  integrations?: string[] | undefined;
  person?: { id: string; name: string } | undefined;
  run?:
    | {
        approvalStrategy?: ApprovalStrategy | undefined;
        budget?: Record<string, number | undefined> | undefined;
        outputSchema?: JsonSchema | undefined;
        metadata?: Record<string, string> | undefined;
      }
    | undefined;
};
