import { setTimeout as wait } from 'node:timers/promises';
import { createEgress, createModel } from '@errand/integrations';
import { type ScriptedAnswer, startScriptedModel } from '@errand/integrations/testing';
import { createModelPlanner } from '@errand/planner';
import { aPlanRequest } from '@errand/planner/testing';
import type { Figures, Scenario } from '../figures.ts';
import { good, plan, planStream } from './endpoints-answers.ts';

const SILENCE_MS = 300_000;
const TIMEOUT_MS = 900_000;

/** A model that is silent for five minutes with a timeout of fifteen: before its headers, and after them. */
export const modelSlow: Scenario & { alone: () => Promise<Figures> } = {
  name: 'model-slow',
  goal: { beforeHeaders: 'a plan by 1 request', behindHeaders: 'a plan by 1 request' },
  alone: async () => {
    const [beforeHeaders, behindHeaders] = await Promise.all([
      measureSilence({ json: JSON.parse(plan), plain: true, delayMs: SILENCE_MS }),
      measureSilence({
        write: async (outgoing) => {
          outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
          await wait(SILENCE_MS);
          outgoing.end(planStream);
        },
      }),
    ]);
    return { beforeHeaders, behindHeaders };
  },
};

async function measureSilence(answer: ScriptedAnswer): Promise<string> {
  const endpoint = await startScriptedModel((_, index) => (index === 0 ? answer : good));
  const egress = createEgress({ allowOrigins: [new URL(endpoint.url).origin] });
  try {
    const { fetchFor } = egress;
    const options = { model: 'some-model', baseUrl: endpoint.url, fetchFor, timeoutMs: TIMEOUT_MS };
    const draft = await createModelPlanner(createModel({ provider: 'openai-compatible', ...options })).plan(
      aPlanRequest(),
    );
    const outcome = draft.kind === 'none' ? draft.reason : `a ${draft.kind}`;
    return `${outcome} by ${endpoint.requests.length} request${endpoint.requests.length === 1 ? '' : 's'}`;
  } finally {
    await Promise.all([endpoint.close(), egress.close()]);
  }
}
