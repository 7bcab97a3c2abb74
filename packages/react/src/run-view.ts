// The state of a run, as its events describe it.
import type { Json, RunError, RunEvent, RunStatus } from '@errand/client/browser';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** A step of a run, as its newest event describes it. */
export type StepView = EventOf<'step'>['step'];

/** Something that the run waits for. */
export type WaitingFor =
  | { kind: 'consent'; customerIntegrationId: string; integrationName: string }
  | { kind: 'plan'; approvalId: string; text?: string | undefined }
  | { kind: 'call'; approvalId: string; stepId: string; title?: string | undefined }
  | { kind: 'effect'; effectId: string; stepId: string; title?: string | undefined }
  | { kind: 'question' | 'input'; requestId: string; text: string };

export type RunState = {
  /** Undefined before the first event. */
  status: RunStatus | undefined;
  /** In the order in which they began. */
  steps: readonly StepView[];
  /** The requests to people that are open. `usePending` has their details. */
  waitingFor: readonly WaitingFor[];
  /** The newest events, at most 500. */
  events: readonly RunEvent[];
  result?: Json | undefined;
  error?: RunError | undefined;
  /** One or two sentences about the outcome, for people. */
  summary?: string | undefined;
};

const MAX_EVENTS = 500;

export const EMPTY_RUN: RunState = { status: undefined, steps: [], waitingFor: [], events: [] };

/** The state after another event. */
export function applyEvent(run: RunState, event: RunEvent): RunState {
  const next = {
    ...run,
    status: event.runStatus,
    events: [...run.events.slice(run.events.length < MAX_EVENTS ? 0 : 1), event],
    waitingFor: waitingAfter(run.waitingFor, event),
  };
  if (event.type === 'step') return { ...next, steps: withStep(run.steps, event.step) };
  if (event.type === 'end') return { ...next, result: event.result, error: event.error, summary: event.summary };
  return next;
}

function withStep(steps: readonly StepView[], step: StepView): StepView[] {
  const at = steps.findIndex(({ stepId }) => stepId === step.stepId);
  return at < 0 ? [...steps, step] : steps.with(at, step);
}

function waitingAfter(waiting: readonly WaitingFor[], event: RunEvent): readonly WaitingFor[] {
  switch (event.type) {
    case 'authentication':
      return waitingAfterConsent(waiting, event.auth);
    case 'run_approval':
      return opened(waiting, { kind: 'plan', approvalId: event.approvalId, text: event.text });
    case 'step':
      return waitingAfterStep(waiting, event.step);
    case 'question':
      return opened(waiting, { kind: 'question', requestId: event.requestId, text: event.question });
    case 'input':
      return opened(waiting, { kind: 'input', requestId: event.requestId, text: event.text });
    case 'run_action':
      return closed(waiting, event.approvalId);
    case 'effect':
      return closed(waiting, event.effectId);
    case 'answer':
      return closed(waiting, event.requestId);
    case 'end':
      return [];
    default:
      return waiting;
  }
}

function waitingAfterConsent(waiting: readonly WaitingFor[], auth: EventOf<'authentication'>['auth']) {
  const { customerIntegrationId } = auth;
  if (auth.status !== 'required') return closed(waiting, customerIntegrationId);
  return opened(waiting, { kind: 'consent', customerIntegrationId, integrationName: auth.integrationName });
}

function waitingAfterStep(waiting: readonly WaitingFor[], { stepId, approvalId, effectId, state, title }: StepView) {
  if (state !== 'waiting') return waiting.filter((request) => !('stepId' in request) || request.stepId !== stepId);
  if (effectId !== undefined) return opened(waiting, { kind: 'effect', effectId, stepId, title });
  if (approvalId !== undefined) return opened(waiting, { kind: 'call', approvalId, stepId, title });
  return waiting;
}

/** The id of a request: of the integration for a consent. */
function idOf(request: WaitingFor): string {
  switch (request.kind) {
    case 'consent':
      return request.customerIntegrationId;
    case 'plan':
    case 'call':
      return request.approvalId;
    case 'effect':
      return request.effectId;
    default:
      return request.requestId;
  }
}

const opened = (waiting: readonly WaitingFor[], request: WaitingFor): readonly WaitingFor[] =>
  waiting.some((other) => idOf(other) === idOf(request)) ? waiting : [...waiting, request];

const closed = (waiting: readonly WaitingFor[], id: string): readonly WaitingFor[] =>
  waiting.filter((request) => idOf(request) !== id);
