import { sha256 } from '@errand/basics/sha256';
import type { Json, Plan, PlanRequest } from '@errand/contracts';
import { type LedgerRow, storable } from '@errand/db';
import { canonicalJson, holesOf, readsOnly, stepText } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';

type Complaint = { pointer: string; message: string };
type Previous = NonNullable<PlanRequest['previous']>;

/** States of a write that may have taken effect. */
const EFFECTIVE_STATES = new Set<LedgerRow['state']>(['INTENDED', 'DONE', 'UNCERTAIN', 'SKIPPED']);

/** The writes of a run that may have taken effect: no other step may repeat them. */
export const writesMade = (ledger: readonly LedgerRow[]): LedgerRow[] =>
  ledger.filter(({ kind, effect, state }) => kind === 'tool' && effect === 'write' && EFFECTIVE_STATES.has(state));

/** The calls without those of tools that, judged by name and description, only read although they count as writes. */
export async function withoutReads(ledger: readonly LedgerRow[], catalog: Catalog): Promise<LedgerRow[]> {
  const tools = await catalog.named([...new Set(ledger.flatMap(({ tool }) => tool ?? []))]);
  const reads = new Set(tools.filter(readsOnly).map(({ name }) => name));
  return ledger.filter(({ tool }) => tool === null || !reads.has(tool));
}

/** Equal for writes with the same tool and arguments. */
export const writeKey = (tool: string | null, argsSha256: string): string => `${tool} ${argsSha256}`;

/**
 * Faults of a plan that replaces another one of the same run.
 * @param before the failed plan, and its failures
 * @param ledger the calls of the run so far
 */
export const replanComplaints = (plan: Plan, before: Previous, ledger: readonly LedgerRow[]): Complaint[] => [
  ...changedSteps(plan, before.plan, ledger),
  ...repeatedWrites(plan, ledger),
  ...deniedSteps(plan, before),
];

/** Steps that reuse the id of an earlier step with other content: the ledger identifies calls by these ids. */
function changedSteps(plan: Plan, before: Plan, ledger: readonly LedgerRow[]): Complaint[] {
  const stepsBefore = new Map(before.steps.map((step) => [step.id, step]));
  const used = new Set(ledger.map(({ stepId }) => stepId));
  return plan.steps.flatMap((step, index) => {
    const old = stepsBefore.get(step.id);
    if (old ? stepText(old) === stepText(step) : !used.has(step.id)) return [];
    const message = old
      ? `${step.id} is a step of the earlier plan: repeat it unchanged, or give this one another id.`
      : `${step.id} was a step of a plan before the earlier one: give this one another id.`;
    return [{ pointer: `/steps/${index}/id`, message }];
  });
}

/** Steps that would repeat a write of another step. */
function repeatedWrites(plan: Plan, ledger: readonly LedgerRow[]): Complaint[] {
  const writes = writesMade(ledger);
  const writers = new Map(writes.map((row) => [writeKey(row.tool, row.argsSha256), row.stepId]));
  const writtenStepIds = new Set(writes.map(({ stepId }) => stepId));
  return plan.steps.flatMap(({ id, tool, args }, index) => {
    if (writtenStepIds.has(id) || holesOf(args).length > 0) return [];
    const writerId = writers.get(writeKey(tool, sha256(canonicalJson(storable(args as Json)))));
    if (!writerId) return [];
    const message = `The step ${writerId} has already done this, with the same arguments. Repeat ${writerId} unchanged to read its output, or leave this step out.`;
    return [{ pointer: `/steps/${index}`, message }];
  });
}

/** New steps with a tool that a person denied without a reason: that decision stands. */
function deniedSteps(plan: Plan, before: Previous): Complaint[] {
  const stepsBefore = new Map(before.plan.steps.map((step) => [step.id, step]));
  const unexplained = before.failures.filter(({ code, reason }) => code === 'approval_denied' && reason === undefined);
  const denied = new Set(unexplained.map(({ stepId }) => stepsBefore.get(stepId)?.tool));
  return plan.steps.flatMap((step, index) => {
    if (stepsBefore.has(step.id) || !denied.has(step.tool)) return [];
    const message = `A person has denied ${step.tool} and named no other way: leave this step out.`;
    return [{ pointer: `/steps/${index}`, message }];
  });
}
