// The operations that user tokens may call. An operation that is not named here refuses them.
import type { UserAbility } from './access/user-token-grant.ts';
import type { contract } from './contract.ts';

type Contract = typeof contract;
type OperationName = {
  [Group in keyof Contract & string]: `${Group}.${keyof Contract[Group] & string}`;
}[keyof Contract & string];

/** The abilities of each operation: a token needs one of them. */
export const userOperations = {
  'runs.get': ['watch'],
  'runs.list': ['watch'],
  'runs.stream': ['watch'],
  'runs.events': ['watch'],
  'runs.toolCall': ['watch'],
  'executionPlans.get': ['watch'],
  'pending.list': ['watch', 'decide'],
  'pending.watch': ['watch', 'decide'],
  'pending.decide': ['decide'],
  'approvals.get': ['decide'],
  'approvals.decide': ['decide'],
  'questions.answer': ['decide'],
  'inputs.answer': ['decide'],
  'integrations.authUrl': ['connect'],
  'runs.create': ['ask'],
  'runs.cancel': ['ask'],
  'feedback.put': ['ask'],
} as const satisfies { readonly [Name in OperationName]?: readonly [UserAbility, ...UserAbility[]] };

/** An operation that user tokens may call. */
export type UserOperation = keyof typeof userOperations;

export const isUserOperation = (name: string): name is UserOperation => Object.hasOwn(userOperations, name);
