import { setTimeout as wait } from 'node:timers/promises';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import { asEventStream, eventsOf } from '../testing/model-streams.ts';
import type { ScriptedAnswer } from '../testing/scripted-model.ts';

const events = asEventStream(
  eventsOf('chat', 'm', {
    text: JSON.stringify(goodPlan),
    finish: 'stop',
    usage: { inputTokens: 100, outputTokens: 10 },
  }),
  'chat',
);
/** Longer than the limits of service calls below. */
const SILENCE_MS = 2500;

const slow: [string, ScriptedAnswer][] = [
  ['the first byte', { json: goodPlan, plain: true, delayMs: SILENCE_MS }],
  [
    'the text of a stream',
    {
      write: async (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        await wait(SILENCE_MS);
        outgoing.end(events);
      },
    },
  ],
];

test.each(slow)(
  'the timeout of the model is the only limit on the wait for %s',
  async (_, answer) => {
    // All other limits of a call are shorter than the wait.
    const guard = { headersMs: 500, bodyMs: 500, totalMs: 500, maxTotalMs: 500, fetchIdleMs: 500 };
    const { planner, model } = await aModelPlanner(() => answer, { timeoutMs: 60_000, guard });
    expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
    expect(model.requests).toHaveLength(1);
  },
  60_000,
);
