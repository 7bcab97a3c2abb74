// Makes the spans of runs by hand: their ids follow from the run, and the context is passed as an argument. The tracer of the SDK would find
// it in an AsyncLocalStorage, and costs several times the processor time.
import type { Redactor } from '@errand/basics/redactor';
import {
  isInRatio,
  newSpanId,
  parseTraceparent,
  rootSpanIdOf,
  toTraceparent,
  traceIdOf,
} from '@errand/basics/trace-context';
import type { Json } from '@errand/contracts';
import type {
  ObservedActivation,
  ObservedDelivery,
  ObservedEnd,
  ObservedRun,
  Observer,
  Span,
  Work,
  WorkEnd,
} from '@errand/ports/observer';
import type { Attributes, HrTime, Link, SpanKind } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { jsonBeginning } from './json-beginning.ts';
import { ATTRIBUTE as A, AGENT, OPERATION, TOOL_TYPE } from './names.ts';

export type TracerOptions = {
  /** The fraction of runs that are traced, 0 to 1. */
  ratio: number;
  /** Whether spans contain arguments and results of calls. */
  withContent: boolean;
  /** Removes secrets from texts. */
  redactor: Pick<Redactor, 'redact' | 'longest'>;
  resource: Resource;
  /** Gets each span that has ended. */
  export: (span: ReadableSpan) => void;
};

/** Maximum characters of a name or attribute, and of arguments or a result. */
const MAX_CHARS = 256;
const MAX_CONTENT_CHARS = 8192;

/** A value of the API of OpenTelemetry. Node cannot load its module outside a bundle. */
const INTERNAL: SpanKind.INTERNAL = 0;
const CLIENT: SpanKind.CLIENT = 2;
const [UNSET, ERROR, SAMPLED] = [0, 2, 1];

const SCOPE = { name: 'errand' };
const NO_EVENTS: [] = [];
const NO_LINKS: [] = [];

const bounded = (text: string, max = MAX_CHARS): string =>
  text.length <= max ? text : text.slice(0, max).toWellFormed();

const toHrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

/** A clock that does not go backwards within an activation. */
function clock(): () => number {
  const start = Date.now() - performance.now();
  return () => start + performance.now();
}

type SpanStart = { name: string; kind: SpanKind; attributes: Attributes; links?: Link[] };
type Times = { startMs: number; endMs: number };
type Ids = { traceId: string; spanId: string; parentId: string | undefined };

const toContext = (traceId: string, spanId: string) => ({ traceId, spanId, traceFlags: SAMPLED });

/** The tracer of a process: the part of its observer that makes spans. */
export function createTracer(
  options: TracerOptions,
): Required<Pick<Observer, 'activation' | 'delivery' | 'runStored' | 'runFinished'>> {
  const isTraced = ({ runId }: ObservedRun) => isInRatio(runId, options.ratio);
  const emit = ({ name, kind, attributes, links = NO_LINKS }: SpanStart, ids: Ids, { startMs, endMs }: Times) => {
    const { traceId, parentId } = ids;
    const context = toContext(traceId, ids.spanId);
    const error = attributes[A.error];
    options.export({
      name,
      kind,
      spanContext: () => context,
      ...(parentId !== undefined && { parentSpanContext: toContext(traceId, parentId) }),
      startTime: toHrTime(startMs),
      endTime: toHrTime(endMs),
      duration: toHrTime(Math.max(0, endMs - startMs)),
      status: { code: error === undefined ? UNSET : ERROR },
      attributes,
      links,
      events: NO_EVENTS,
      ended: true,
      resource: options.resource,
      instrumentationScope: SCOPE,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    });
  };
  return {
    activation: (activation) => (isTraced(activation) ? beginActivation(activation, options, emit) : undefined),
    delivery: (delivery) => (isTraced(delivery) ? beginDelivery(delivery, options, emit) : undefined),
    runStored(run) {
      const from = isTraced(run) ? parseTraceparent(run.traceparent) : undefined;
      if (!from) return;
      // Only this span knows the trace of the caller, so that nothing is stored.
      const links = [{ context: { ...toContext(from.traceId, from.spanId), traceFlags: from.isSampled ? 1 : 0 } }];
      const now = Date.now();
      const start = { name: 'create run', kind: INTERNAL, attributes: { [A.run]: run.runId }, links };
      emit(
        start,
        { traceId: traceIdOf(run.runId), spanId: newSpanId(), parentId: rootSpanIdOf(run.runId) },
        { startMs: now, endMs: now },
      );
    },
    runFinished(run) {
      if (isTraced(run)) emit(rootSpan(run), rootIds(run), rootTimes(run));
    },
  };
}

const rootIds = ({ runId }: ObservedRun): Ids => ({
  traceId: traceIdOf(runId),
  spanId: rootSpanIdOf(runId),
  parentId: undefined,
});

const rootTimes = ({ startedAt, endedAt }: ObservedEnd): Times => {
  const endMs = Date.parse(endedAt);
  return { startMs: startedAt === null ? endMs : Date.parse(startedAt), endMs };
};

const rootSpan = ({ runId, workspaceId, status, code }: ObservedEnd): SpanStart => ({
  name: `${OPERATION.run} ${AGENT}`,
  kind: INTERNAL,
  attributes: {
    [A.operation]: OPERATION.run,
    [A.agent]: AGENT,
    [A.run]: runId,
    [A.workspace]: workspaceId,
    [A.status]: status,
    ...(code !== undefined && { [A.error]: code }),
  },
});

type Emit = (start: SpanStart, ids: Ids, times: Times) => void;
type Making = { options: TracerOptions; emit: Emit; now: () => number; traceId: string };

function beginActivation(
  { runId, workspaceId, activation, deaths }: ObservedActivation,
  options: TracerOptions,
  emit: Emit,
): Span {
  const attributes = {
    [A.run]: runId,
    [A.workspace]: workspaceId,
    [A.activation]: activation,
    ...(deaths > 0 && { [A.deaths]: deaths }),
  };
  const making = { options, emit, now: clock(), traceId: traceIdOf(runId) };
  return new OpenSpan(making, { name: 'activation', kind: INTERNAL, attributes }, rootSpanIdOf(runId));
}

/** A request that follows the run, mostly after its end: a child of the root. */
function beginDelivery(
  { runId, workspaceId, webhookId, type, attempt, url }: ObservedDelivery,
  options: TracerOptions,
  emit: Emit,
): Span {
  const request = startOfRequest({ kind: 'request', method: 'POST', origin: new URL(url).origin });
  const attributes = {
    ...request.attributes,
    [A.run]: runId,
    [A.workspace]: workspaceId,
    [A.webhook]: webhookId,
    [A.deliveryAttempt]: attempt,
  };
  const making = { options, emit, now: clock(), traceId: traceIdOf(runId) };
  return new OpenSpan(making, { ...request, name: `webhook ${type}`, attributes }, rootSpanIdOf(runId));
}

class OpenSpan implements Span {
  readonly #id = newSpanId();
  readonly #startMs: number;
  #isOpen = true;

  constructor(
    private readonly making: Making,
    private readonly start: SpanStart,
    private readonly parentId: string,
    /** Redacted at the end: before the call, the secret of its credential may be unknown. */
    private readonly args?: Json,
  ) {
    this.#startMs = making.now();
  }

  get traceparent(): string {
    return toTraceparent({ traceId: this.making.traceId, spanId: this.#id, isSampled: true });
  }

  begin(work: Work): Span {
    const args = work.kind === 'call' && this.making.options.withContent ? work.args : undefined;
    return new OpenSpan(this.making, startOf(work), this.#id, args);
  }

  end(end: WorkEnd): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { making, start, parentId } = this;
    addEnd(start, end, making.options);
    if (this.args !== undefined) start.attributes[A.args] = contentOf(this.args, making.options);
    const ids = { traceId: making.traceId, spanId: this.#id, parentId };
    making.emit(start, ids, { startMs: this.#startMs, endMs: making.now() });
  }
}

function startOf(work: Work): SpanStart {
  switch (work.kind) {
    case 'plan':
      return internal('plan', { [A.operation]: OPERATION.plan, ...(work.isReplan && { [A.isReplan]: true }) });
    case 'step':
      return internal(`step ${work.stepId}`, { [A.step]: bounded(work.stepId) });
    case 'model': {
      const model = bounded(work.model);
      return client(`${OPERATION.model} ${model}`, { [A.operation]: OPERATION.model, [A.model]: model });
    }
    case 'call':
      return startOfCall(work);
    default:
      return startOfRequest(work);
  }
}

const internal = (name: string, attributes: Attributes): SpanStart => ({
  name: bounded(name),
  kind: INTERNAL,
  attributes,
});
const client = (name: string, attributes: Attributes): SpanStart => ({
  name: bounded(name),
  kind: CLIENT,
  attributes,
});

function startOfCall({ tool, toolCallId, attempt }: Work & { kind: 'call' }): SpanStart {
  const { customerIntegrationId, integrationName, operation, effect } = tool;
  const name = bounded(operation);
  return internal(`${OPERATION.call} ${name}`, {
    [A.operation]: OPERATION.call,
    [A.tool]: name,
    [A.toolType]: TOOL_TYPE,
    [A.callId]: bounded(toolCallId),
    [A.integration]: customerIntegrationId,
    [A.integrationName]: bounded(integrationName),
    [A.effect]: effect,
    [A.attempt]: attempt,
  });
}

function startOfRequest({ method, origin, template, mcp }: Work & { kind: 'request' }): SpanStart {
  const { hostname, port, protocol } = new URL(origin);
  const path = template === undefined ? undefined : bounded(template);
  const name = mcp ?? (path === undefined ? method : `${method} ${path}`);
  return client(name, {
    [A.httpMethod]: method,
    // Without the values of its path and query: they are arguments, or secrets.
    [A.url]: bounded(`${origin}${path ?? ''}`, 2 * MAX_CHARS),
    ...(path !== undefined && { [A.urlTemplate]: path }),
    [A.host]: hostname,
    [A.port]: Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(mcp !== undefined && { [A.mcpMethod]: mcp.split(' ', 1)[0]! }),
  });
}

function addEnd({ attributes }: SpanStart, end: WorkEnd, options: TracerOptions): void {
  const { error, status, state, madeBy, output, usage } = end;
  if (error !== undefined) attributes[A.error] = bounded(error);
  if (state !== undefined) attributes[A.state] = state;
  if (status !== undefined && attributes[A.httpMethod] !== undefined) attributes[A.httpStatus] = status;
  if (madeBy !== undefined) attributes[A.answeredBy] = bounded(madeBy);
  if (usage) {
    attributes[A.inputTokens] = usage.inputTokens;
    attributes[A.outputTokens] = usage.outputTokens;
    if (usage.cachedInputTokens) attributes[A.cachedTokens] = usage.cachedInputTokens;
  }
  if (output !== undefined && options.withContent) attributes[A.result] = contentOf(output, options);
}

/** The beginning of a JSON text. It is redacted before it is cut: a secret at the border would lose its end and be missed. */
function contentOf(value: Json, { redactor }: TracerOptions): string {
  const margin = redactor.longest();
  const maxChars = MAX_CONTENT_CHARS + margin;
  const text = jsonBeginning(value, maxChars);
  if (text.length < maxChars) return bounded(redactor.redact(text), MAX_CONTENT_CHARS);
  const redacted = redactor.redact(text.slice(0, maxChars));
  // A secret at the end of the slice has lost its end. Other secrets may be longer than the text that replaces them.
  return bounded(redacted.slice(0, Math.max(0, redacted.length - margin)), MAX_CONTENT_CHARS);
}
