import type { PreviewRerunInput, RerunPreview } from '@errand/contracts';
import type { RunScope } from '@errand/db';
import { operationLabel, type Sandbox, toolNamed } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import type { ApprovalPolicy } from '../decisions/ask/approvals.ts';
import { calledIntegrations, doneBefore, stepsToRun } from '../model/envelope.ts';
import { readRerun } from '../runs/rerun.ts';
import { planApprovals, stepLabelOf } from './plan-approvals.ts';

type PreviewDeps = { toolbox: Toolbox; sandbox: Sandbox; approvalPolicy: ApprovalPolicy };

/** The steps of a rerun from a step, without creating it. @throws ProblemError as `prepareRerun` does */
export async function previewRerun(
  scope: RunScope,
  deps: PreviewDeps,
  { runId, from, approvalStrategy }: PreviewRerunInput,
): Promise<RerunPreview> {
  const { plan: envelope, runsAgain, before, tools } = await readRerun(scope, deps, { runId, from });
  const plan = stepsToRun(envelope);
  const { steps, planNeedsApproval } = await planApprovals(scope.workspaceId, deps, {
    strategy: approvalStrategy ?? before.approvalStrategy,
    plan,
    tools,
    called: calledIntegrations(plan),
    readFrom: envelope.takenOver?.readFrom ?? [],
  });
  return {
    from,
    takenOver: envelope.plan.steps.flatMap(({ id, tool }) => {
      const takenFrom = doneBefore(envelope, id);
      if (takenFrom === undefined) return [];
      const spec = toolNamed(tool, tools);
      return [{ stepId: id, title: spec ? stepLabelOf(spec) : operationLabel(tool), tool, takenFrom }];
    }),
    runsAgain: runsAgain.flatMap(({ step: { id }, reason, callsKept }) => {
      const step = steps.find(({ stepId }) => stepId === id);
      return step ? [{ ...step, reason, callsKept }] : [];
    }),
    planNeedsApproval,
  };
}
