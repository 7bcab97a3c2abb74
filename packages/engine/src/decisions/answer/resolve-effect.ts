import { type Json, type Principal, problem, type ResolvedEffect, type ResolveEffectInput } from '@errand/contracts';
import { type DecisionRequest, findDecisionRequest, type RunScope } from '@errand/db';
import { checkValue, invalid } from '../../model/validate.ts';
import { checkMayDecide, type DecideDeps, decideOpen } from './decide.ts';

/** onlyOpen: refuses an effect that has the same decision already. */
type OnlyOpen = { onlyOpen?: true };

/**
 * Decides about a call that may have taken effect; the run is due at once.
 * @throws ProblemError not_found; self_approval, not_an_approver; validation_failed when the output does not fit; effect_already_resolved; approval_gone
 */
export async function resolveEffect(
  scope: RunScope,
  deps: DecideDeps,
  input: ResolveEffectInput & OnlyOpen,
  by: Principal,
): Promise<ResolvedEffect> {
  const { effectId, decision, reason, output } = input;
  const row = await findDecisionRequest(scope, effectId);
  if (row?.kind !== 'effect') throw problem('not_found', 'There is no such effect.');
  if (output !== undefined && decision !== 'happened') {
    throw invalid('/output', 'An output is allowed only with the decision happened.');
  }
  if (row.decidedAt !== null) return alreadyResolved(row, input);
  await checkMayDecide(scope, by, row, deps.fourEyes);
  if (output !== undefined) await checkOutput(scope, deps, row, output);
  const sentence = `${by.label} decided about ${row.tool}: ${decision}${reason ? ` (${reason})` : ''}.`;
  const decided = await decideOpen(scope, deps, effectId, {
    decision: { decision, by, reason, kinds: ['effect'], ...(output !== undefined && { output }) },
    events: [
      { type: 'status', reason: sentence },
      {
        type: 'effect',
        effectId,
        stepId: row.stepId!,
        decision,
        decidedBy: by.label,
        ...(reason !== undefined && { reason }),
      },
    ],
  });
  return decided ? toResolved(decided.request) : alreadyResolved((await findDecisionRequest(scope, effectId))!, input);
}

const toResolved = (row: DecisionRequest): ResolvedEffect => ({
  effectId: row.decisionRequestId,
  runId: row.runId,
  decision: row.decision as ResolvedEffect['decision'],
  ...(row.decidedBy !== null && { decidedBy: row.decidedBy }),
  ...(row.reason !== null && { reason: row.reason }),
  decidedAt: row.decidedAt!.toISOString(),
});

function alreadyResolved(
  row: DecisionRequest,
  { decision, onlyOpen }: Pick<ResolveEffectInput, 'decision'> & OnlyOpen,
): ResolvedEffect {
  if (row.decidedAt === null) throw problem('approval_gone', 'The decision request has expired.');
  if (row.decision === 'void') throw problem('approval_gone', 'The run has ended; there is nothing left to decide.');
  if (row.decision === decision && !onlyOpen) return toResolved(row);
  throw problem('effect_already_resolved', `It was decided already: ${row.decision}.`, {
    values: { decision: String(row.decision), decidedBy: row.decidedBy ?? undefined },
  });
}

async function checkOutput(
  scope: RunScope,
  { toolbox, sandbox }: DecideDeps,
  row: DecisionRequest,
  output: Json,
): Promise<void> {
  const catalog = await toolbox.catalog(scope.workspaceId, [row.customerIntegrationId!]);
  const schema = (await catalog.named([row.tool!]))[0]?.outputSchema;
  if (!schema) return;
  const detail = `The output does not fit the output schema of ${row.tool}.`;
  await checkValue(sandbox.for(scope.workspaceId), schema, output, { at: '/output', detail, closed: false });
}
