import {
  type ApproverInput,
  actorOf,
  type CallerPrincipal,
  type ClaimedPrincipal,
  claimedPrincipal,
  holds,
  type OnBehalfOf,
  problem,
  type StoredApprover,
  toStoredApprover,
  type UserTokenPrincipal,
} from '@errand/contracts';
import type { WorkspaceDb } from '@errand/db';
import type { Context } from './context.ts';
import { insufficientScope } from './problems.ts';

/** The principal that requests or decides: the caller, or the person that the caller names. */
export type ActingPrincipal = Exclude<CallerPrincipal, UserTokenPrincipal> | ClaimedPrincipal;

/**
 * The principal that acts in a request. Authorization and limits stay those of the caller.
 * @throws ProblemError insufficient_scope if the caller may name no person
 */
export function actingPrincipal(caller: CallerPrincipal, onBehalfOf: OnBehalfOf | undefined): ActingPrincipal {
  if (!onBehalfOf) return actorOf(caller);
  if (caller.kind !== 'api_key' || caller.product === undefined || !holds(caller, 'persons:claim'))
    throw mayNameNoPerson(caller);
  return claimedPrincipal({ ...caller, product: caller.product }, onBehalfOf);
}

/** The database for changes by the acting principal. */
export const actingDb = ({ deps, principal, workspaceDb }: Context, by: ActingPrincipal): WorkspaceDb =>
  by === principal ? workspaceDb : deps.db.forWorkspace(by.workspaceId, by);

const mayNameNoPerson = (caller: CallerPrincipal) =>
  caller.kind === 'api_key'
    ? insufficientScope(caller.scopes, 'persons:claim')
    : problem('insufficient_scope', 'Only an API key of a product names the person for whom it acts.', {
        remedy: 'Leave `onBehalfOf` out.',
      });

/**
 * The approvers of a run, as it stores them.
 * @param pointer JSON pointer to them in the input
 * @throws ProblemError validation_failed for a person who may not decide, and for one whom no key can name
 */
export async function resolveApprovers(
  { deps, principal }: Context,
  approvers: readonly ApproverInput[] | undefined,
  pointer = '/approvers',
): Promise<StoredApprover[] | undefined> {
  if (!approvers) return undefined;
  const product = 'product' in principal ? principal.product : undefined;
  const refuse = (index: number, message: string) =>
    problem('validation_failed', 'An approver could never decide.', {
      errors: [{ pointer: `${pointer}/${index}`, message }],
    });
  const stored = approvers.map((approver, index) => {
    if (approver.type === 'claimed' && (approver.product ?? product) === undefined)
      throw refuse(index, 'The key has no product: name the `product` of the person.');
    return toStoredApprover(approver, product);
  });
  const deciders = await deps.db.people.deciders(principal.workspaceId, stored);
  const missing = stored.findIndex(({ type, id }) => !deciders.has(`${type}:${id}`));
  if (missing === -1) return stored;
  throw refuse(
    missing,
    stored[missing]?.type === 'person'
      ? 'This person is no member who may decide.'
      : 'No valid key of this product has the scopes persons:claim and approvals:decide.',
  );
}

/** Members of a run to create; without approvers a rerun keeps the approvers of the earlier run. */
export const withApprovers = (approvers: StoredApprover[] | undefined): { approvers?: StoredApprover[] } =>
  approvers ? { approvers } : {};
