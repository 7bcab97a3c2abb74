// The rights of each kind of caller, computed from the contract alone.
import { includesScope, type Role, type Scope, scopesOfRole } from '@errand/contracts';
import type { AnyOperation } from '../tenancy/id-fields.ts';
import type { Answer } from '../tenancy/send.ts';

/** `workspace`: of the request, as the role in it, none named, or one of which the person is no member. */
export type CallerKind =
  | { kind: 'nobody' }
  | { kind: 'platform' }
  | { kind: 'key'; scopes: readonly Scope[] }
  | { kind: 'person'; isOperator?: boolean; workspace: Role | 'none' | 'foreign' };

const REFUSALS = ['unauthenticated', 'insufficient_scope', 'people_only', 'keys_only', 'operators_only'] as const;
const NO_WORKSPACE = 'The request names no workspace';
const FOREIGN_WORKSPACE = 'There is no such workspace, or you are not a member of it.';
export type Outcome = 'allowed' | (typeof REFUSALS)[number] | typeof NO_WORKSPACE | typeof FOREIGN_WORKSPACE;

type Rights = Pick<AnyOperation, 'name' | 'scope' | 'readScope' | 'callers'>;

export function expectedOutcome(operation: Rights, caller: CallerKind): Outcome {
  const { name, callers = 'anyone' } = operation;
  if (!['anyone', 'people', 'keys', 'operators', 'instance', 'managers'].includes(callers))
    throw new Error(`${name} has the callers "${callers}": add their rights to e2e/people/rights.ts.`);
  if (caller.kind === 'nobody') return 'unauthenticated';
  const refusal = caller.kind === 'person' ? refusalOfPerson(operation, caller) : refusalOfProgram(callers, caller);
  return refusal ?? (hasScopes(operation, caller) ? 'allowed' : 'insufficient_scope');
}

function refusalOfPerson(
  { scope, callers }: Rights,
  { workspace, isOperator }: CallerKind & { kind: 'person' },
): Outcome | undefined {
  if (workspace === 'foreign') return FOREIGN_WORKSPACE;
  if (callers === 'keys') return 'keys_only';
  if (workspace === 'none' && scope !== null) return NO_WORKSPACE;
  // Of managers, the handler refuses those who administer another workspace.
  const needsOperator = callers === 'instance' || callers === 'operators' || callers === 'managers';
  return needsOperator && !isOperator ? 'operators_only' : undefined;
}

function refusalOfProgram(callers: string, { kind }: CallerKind): Outcome | undefined {
  if (callers === 'people' || callers === 'operators') return 'people_only';
  // A key that lacks the scopes is refused by the handler, after the input was read.
  if (callers === 'keys' && kind !== 'key') return 'keys_only';
  if (callers === 'instance' || callers === 'managers') return kind === 'key' ? 'operators_only' : undefined;
  return kind === 'platform' ? 'insufficient_scope' : undefined;
}

const hasScopes = ({ scope, readScope }: Rights, caller: CallerKind): boolean =>
  [scope, readScope ?? null].every((needed) => includesScope(scopesOf(caller), needed));

function scopesOf(caller: CallerKind): readonly Scope[] {
  if (caller.kind === 'key') return caller.scopes;
  if (caller.kind !== 'person' || caller.workspace === 'none' || caller.workspace === 'foreign') return [];
  return scopesOfRole[caller.workspace];
}

/** Any answer but a refusal is `allowed`, such as one to an unknown id; failures of the service have a name of their own. */
export function outcomeOf({ status, text }: Answer): Outcome | string {
  // Over tRPC a stream has a status before it has an error.
  const isError = status >= 400 || text.includes('event: serialized-error');
  if (!isError) return 'allowed';
  const code = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? `status ${status}`;
  if (REFUSALS.some((refusal) => refusal === code)) return code;
  for (const detail of [NO_WORKSPACE, FOREIGN_WORKSPACE]) if (text.includes(`"detail":"${detail}`)) return detail;
  const isFailure = status >= 500 || ['rate_limited', 'origin_not_allowed', 'workspace_suspended'].includes(code);
  return isFailure || !/^[a-z_]+$/.test(code) ? `${status} ${code}` : 'allowed';
}
