// The log of a run as the page keeps it: its events, and what follows from them. Everything here is pure; folding costs only what is new.
import type { Outputs } from '@errand/client/console';
import type { EventFrame } from '../../../live/demand.ts';

export type RunEvent = Outputs['runs']['events']['events'][number];
export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
export type Step = EventOf<'step'>['step'];
export type ToolCall = NonNullable<Step['toolCalls']>[number];
export type ProgressFrame = Extract<EventFrame, { type: 'progress' }>;

/** A step as its newest event tells, with all calls that any event has named. */
export type StepRecord = { step: Step; calls: ReadonlyMap<string, ToolCall> };
export type Wait = {
  kind: 'plan' | 'call' | 'consent' | 'effect' | 'question' | 'input';
  stepId?: string;
  /** The name of the integration that needs a consent. */
  integration?: string;
  from: number;
  /** Absent while it is open. */
  to?: number;
};
/** A call that runs at this moment. */
export type Running = { stepId: string; since: number; attempt: number; isRetry: boolean };

export type RunLog = {
  events: readonly RunEvent[];
  lastSeq: number;
  steps: ReadonlyMap<string, StepRecord>;
  waits: ReadonlyMap<string, Wait>;
  /** By the id of the call. */
  running: ReadonlyMap<string, Running>;
  end?: EventOf<'end'>;
};

export const EMPTY_LOG: RunLog = { events: [], lastSeq: 0, steps: new Map(), waits: new Map(), running: new Map() };

export const timeOf = (at: string): number => Date.parse(at);
/** The index of a call of a step with `forEach`: 2 for `owners.2`. */
export const iterationOf = (toolCallId: string): number | undefined => {
  const [, iteration] = toolCallId.split('.');
  return iteration === undefined ? undefined : Number(iteration);
};

/** The log with more events, in their order. Events that it has already change nothing. */
export function foldEvents(log: RunLog, events: readonly RunEvent[]): RunLog {
  const added = events.filter(({ seq }, index) => seq > log.lastSeq && seq > (events[index - 1]?.seq ?? 0));
  const last = added.at(-1);
  if (!last) return log;
  const draft: Draft = {
    steps: new Map(log.steps),
    calls: new Map(),
    waits: new Map(log.waits),
    running: new Map(log.running),
  };
  for (const event of added) foldEvent(draft, event);
  return {
    events: [...log.events, ...added],
    lastSeq: last.seq,
    steps: draft.steps,
    waits: draft.waits,
    running: draft.running,
    ...(last.type === 'end' ? { end: last } : {}),
  };
}

type Draft = {
  steps: Map<string, StepRecord>;
  /** The calls of the steps that these events touch, copied once. */
  calls: Map<string, Map<string, ToolCall>>;
  waits: Map<string, Wait>;
  running: Map<string, Running>;
};

function foldEvent(draft: Draft, event: RunEvent): void {
  const at = timeOf(event.timestamp);
  switch (event.type) {
    case 'step':
      foldStep(draft, event.step, at);
      break;
    case 'run_approval':
      open(draft, event.approvalId, { kind: 'plan', from: at });
      break;
    case 'run_action':
      close(draft, event.approvalId, at);
      break;
    case 'effect':
      close(draft, event.effectId, at);
      break;
    case 'question':
    case 'input':
      open(draft, event.requestId, { kind: event.type, ...stepOf(event.stepId), from: at });
      break;
    case 'answer':
      close(draft, event.requestId, at);
      break;
    case 'authentication':
      foldConsent(draft, event.auth, at);
      break;
    case 'end':
      for (const id of draft.waits.keys()) close(draft, id, at);
      draft.running.clear();
  }
}

const stepOf = (stepId: string | undefined) => (stepId === undefined ? {} : { stepId });

function foldStep(draft: Draft, step: Step, at: number): void {
  const { stepId, approvalId, effectId, state } = step;
  const calls = draft.calls.get(stepId) ?? new Map(draft.steps.get(stepId)?.calls);
  draft.calls.set(stepId, calls);
  for (const call of step.toolCalls ?? []) calls.set(call.toolCallId, call);
  draft.steps.set(stepId, { step, calls });
  for (const [callId, running] of draft.running) if (running.stepId === stepId) draft.running.delete(callId);
  if (state !== 'waiting') return;
  if (effectId !== undefined) open(draft, effectId, { kind: 'effect', stepId, from: at });
  else if (approvalId !== undefined) open(draft, approvalId, { kind: 'call', stepId, from: at });
}

function foldConsent(draft: Draft, auth: EventOf<'authentication'>['auth'], at: number): void {
  const id = `consent ${auth.customerIntegrationId}`;
  if (auth.status !== 'required') {
    close(draft, id, at);
    return;
  }
  const before = draft.waits.get(id);
  // A consent that is asked for a second time is another wait.
  if (before?.to !== undefined) {
    draft.waits.delete(id);
    draft.waits.set(`${id} ${before.from}`, before);
  }
  if (!before || before.to !== undefined)
    draft.waits.set(id, { kind: 'consent', integration: auth.integrationName, from: at });
}

/** Several events may tell of the same open request. */
function open({ waits }: Draft, id: string, wait: Wait): void {
  if (!waits.has(id)) waits.set(id, wait);
}

function close({ waits }: Draft, id: string, at: number): void {
  const wait = waits.get(id);
  if (wait && wait.to === undefined) waits.set(id, { ...wait, to: at });
}

/** The log with reports of running calls. They may come late: a call that has ended stays ended. */
export function foldProgress(log: RunLog, frames: readonly ProgressFrame[]): RunLog {
  if (log.end || frames.length === 0) return log;
  const running = new Map(log.running);
  for (const { stepId, iteration, state, attempt, at } of frames) {
    const callId = iteration === undefined ? stepId : `${stepId}.${iteration}`;
    const call = log.steps.get(stepId)?.calls.get(callId);
    if (call?.endedAt !== undefined && timeOf(call.endedAt) >= timeOf(at)) continue;
    const since = running.get(callId)?.since ?? timeOf(at);
    running.set(callId, { stepId, since, attempt, isRetry: state === 'retrying' || attempt > 1 });
  }
  return { ...log, running };
}
