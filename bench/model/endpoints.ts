import { Secret } from '@errand/contracts';
import { createEgress, createModel } from '@errand/integrations';
import { startScriptedModel } from '@errand/integrations/testing';
import { createModelPlanner } from '@errand/planner';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import type { Figures, Scenario } from '../figures.ts';
import type { Behaviour } from './endpoints-answers.ts';
import { plansInTheEnd } from './endpoints-plans.ts';
import { trueReasons } from './endpoints-reasons.ts';

type EndpointRow = {
  behaviour: string;
  provider: string;
  isRight: boolean;
  outcome: string;
  reason?: string;
  requests: number;
};

const NAME = 'model-endpoints';
const GOAL = { 'endpoint behaviours ended in a plan or a true plain reason': 'at least 52 of 55' };

/** Plans at a local endpoint for each behaviour, and judges the result. */
export const modelEndpoints = (report: (line: object) => void): Scenario & { alone: () => Promise<Figures> } => ({
  name: NAME,
  goal: GOAL,
  alone: () => measureEndpoints(report),
});

export async function measureEndpoints(
  report: (line: object) => void,
  behaviours: readonly Behaviour[] = [...plansInTheEnd, ...trueReasons],
): Promise<Figures> {
  let right = 0;
  for (const behaviour of behaviours) {
    const row = await measure(behaviour);
    report({ name: NAME, ...row });
    if (row.isRight) right++;
  }
  return { 'endpoint behaviours ended in a plan or a true plain reason': `${right} of ${behaviours.length}` };
}

async function measure({
  name,
  provider = 'openai-compatible',
  script,
  expect,
  timeoutMs = 60_000,
}: Behaviour): Promise<EndpointRow> {
  const endpoint = await startScriptedModel(script);
  const egress = createEgress({ allowOrigins: [new URL(endpoint.url).origin] });
  try {
    const { fetchFor } = egress;
    const apiKey = new Secret('key-of-the-endpoint');
    const model = createModel({ provider, model: 'some-model', baseUrl: endpoint.url, apiKey, fetchFor, timeoutMs });
    const draft = await createModelPlanner(model).plan(aPlanRequest());
    const isRight =
      draft.kind === 'plan'
        ? expect === 'plan' && sameCalls(draft.plan)
        : draft.kind === 'none' && expect !== 'plan' && expect.test(draft.reason);
    return {
      behaviour: name,
      provider,
      isRight,
      outcome: draft.kind,
      ...(draft.kind === 'none' && { reason: draft.reason }),
      requests: endpoint.requests.length,
    };
  } finally {
    await Promise.all([endpoint.close(), egress.close()]);
  }
}

type Calls = { steps: readonly { id: string; tool: string; args?: unknown }[]; result?: unknown };

const callsOf = ({ steps, result }: Calls): string =>
  JSON.stringify([steps.map(({ id, tool, args }) => [id, tool, args]), result]);

const sameCalls = (plan: Calls): boolean => callsOf(plan) === callsOf(goodPlan);
