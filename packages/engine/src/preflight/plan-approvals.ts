import { type Plan, type Preflight, type PreflightInput, requiredApprovals, type ToolSpec } from '@errand/contracts';
import { ASK, toolLabel, toolNamed } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import type { ApprovalPolicy } from '../decisions/ask/approvals.ts';

export type StepApproval = Omit<Preflight['steps'][number], 'needs' | 'argOrigins'>;

type ApprovalQuery = {
  strategy: PreflightInput['approvalStrategy'];
  plan: Plan | undefined;
  tools: readonly ToolSpec[];
  called: readonly string[];
  /** Integrations from which the run has read before. */
  readFrom?: readonly string[];
};

/** The name of a step for people, by its tool. */
export const stepLabelOf = (tool: ToolSpec): string => (tool.name === ASK.name ? 'Ask a person' : toolLabel(tool));

/** The required approvals: by the strategy of the run, and the floors of the service and of the integrations. */
export async function planApprovals(
  workspaceId: string,
  { toolbox, approvalPolicy }: { toolbox: Toolbox; approvalPolicy: ApprovalPolicy },
  { strategy, plan, tools, called, readFrom = [] }: ApprovalQuery,
): Promise<{ steps: StepApproval[]; planNeedsApproval: boolean }> {
  const floors = new Map(
    await Promise.all(called.map(async (id) => [id, await toolbox.approvalFloor(workspaceId, id)] as const)),
  );
  const asksAt = (...ids: string[]) =>
    requiredApprovals(strategy, ...approvalPolicy.floors, ...ids.flatMap((id) => floors.get(id) ?? []));
  const reads = tools
    .filter(({ effect }) => effect === 'read')
    .map(({ customerIntegrationId }) => customerIntegrationId)
    .concat(readFrom);
  const steps = (plan?.steps ?? []).flatMap((step) => {
    const tool = toolNamed(step.tool, tools);
    if (!tool) return [];
    const { customerIntegrationId: id, effect } = tool;
    const asks = asksAt(id);
    const tainted = approvalPolicy.taint && effect === 'write' && reads.some((readId) => readId !== id);
    const needsApproval = tool.name !== ASK.name && ((effect === 'write' ? asks.writes : asks.reads) || tainted);
    return [{ stepId: step.id, title: stepLabelOf(tool), tool: tool.name, effect, needsApproval }];
  });
  return { steps, planNeedsApproval: plan !== undefined && asksAt(...called).plan };
}
