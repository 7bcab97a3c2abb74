// Behaviours of scripted endpoints, and parts of their answers.
import type { ModelProvider } from '@errand/integrations';
import {
  asEventStream,
  type Conversation,
  eventsOf,
  type ScriptedAnswer,
  type ScriptedRequest,
} from '@errand/integrations/testing';
import { goodPlan } from '@errand/planner/testing';

/** A behaviour of model endpoints, and how planning must end there: with the good plan, or with a reason that names the cause. */
export type Behaviour = {
  name: string;
  provider?: ModelProvider;
  script: Conversation;
  expect: 'plan' | RegExp;
  timeoutMs?: number;
};

export const plan = JSON.stringify(goodPlan);
export const good: ScriptedAnswer = { json: goodPlan };
/** Lets the client retry without a pause. */
const AT_ONCE = { 'retry-after-ms': '1' };

export const failing = (status: number, message = 'Scripted error.'): ScriptedAnswer => ({
  status,
  message,
  headers: AT_ONCE,
});
export const refusing = (message: string, status = 400): ScriptedAnswer => ({ status, message });

const EVENT_STREAM = 'text/event-stream';
const USAGE = { inputTokens: 1000, outputTokens: 100 };

/** A streamed answer of chat completions, made of these deltas. */
export const chatStream = (deltas: readonly object[], finish = 'stop'): ScriptedAnswer => ({
  contentType: EVENT_STREAM,
  raw: asEventStream(
    [
      ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
      { choices: [{ index: 0, delta: {}, finish_reason: finish }] },
    ],
    'chat',
  ),
});

/** The same answer as one message. */
export const chatMessage = (message: object, finish_reason = 'stop'): ScriptedAnswer => ({
  raw: JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
    usage: {},
  }),
});

/** The stream of a good answer, and an answer that streams it for every request. */
export const planStream = asEventStream(
  eventsOf('chat', 'some-model', { text: plan, finish: 'stop', usage: USAGE }),
  'chat',
);
export const streamed: ScriptedAnswer = { contentType: EVENT_STREAM, raw: planStream };

/** Events of an API other than OpenAI's. */
export const events = (list: readonly object[]): ScriptedAnswer => ({
  contentType: EVENT_STREAM,
  raw: list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
});

/** Refuses a request while the request contains something. */
export const unless =
  (isRefused: (request: ScriptedRequest) => boolean, refusal: ScriptedAnswer, answer: ScriptedAnswer = good) =>
  (request: ScriptedRequest): ScriptedAnswer =>
    isRefused(request) ? refusal : answer;
