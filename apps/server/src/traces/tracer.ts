// Makes the spans of runs by hand: their ids follow from the run, and the context is passed as an argument. The tracer of the SDK would find
// it in an AsyncLocalStorage, and costs several times the processor time.
import {
  isInRatio,
  newSpanId,
  parseTraceparent,
  rootSpanIdOf,
  toTraceparent,
  traceIdOf,
} from '@errand/basics/trace-context';
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
import type { Attributes, HrTime, Link, SpanContext, SpanKind, SpanStatus, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { ATTRIBUTE as A, AGENT, OPERATION } from './names.ts';
import { addEnd, type Describing, INTERNAL, type SpanStart, startOf } from './span-start.ts';
import { SpanTexts } from './span-texts.ts';

export type TracerOptions = {
  /** The fraction of runs that are traced, 0 to 1. */
  ratio: number;
  /** Whether spans contain arguments and results of calls. */
  withContent: boolean;
  /** Removes secrets from texts. */
  redactor: ConstructorParameters<typeof SpanTexts>[0];
  resource: Resource;
  /** Gets each span that has ended. */
  export: (span: ReadableSpan) => void;
};

/** Values of the API of OpenTelemetry. Node cannot load its module outside a bundle. */
const SAMPLED: TraceFlags.SAMPLED = 1;
const SUCCEEDED: SpanStatus = { code: 0 };
const FAILED: SpanStatus = { code: 2 };

const SCOPE = { name: 'errand' };
const NO_EVENTS: [] = [];
const NO_LINKS: [] = [];

const toHrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

/** A clock that does not go backwards within an activation. */
function clock(): () => number {
  const start = Date.now() - performance.now();
  return () => start + performance.now();
}

type Times = { startMs: number; endMs: number };
type Ids = { traceId: string; spanId: string; parentId: string | undefined };

const toContext = (traceId: string, spanId: string) => ({ traceId, spanId, traceFlags: SAMPLED });

/** A class, because objects of one shape cost the exporter less. */
class EndedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events = NO_EVENTS;
  readonly ended = true;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: SpanContext;

  constructor(
    { name, kind, attributes, links = NO_LINKS }: SpanStart,
    { traceId, spanId, parentId }: Ids,
    { startMs, endMs }: Times,
    readonly resource: Resource,
  ) {
    this.name = name;
    this.kind = kind;
    this.attributes = attributes;
    this.links = links;
    this.#context = toContext(traceId, spanId);
    this.parentSpanContext = parentId === undefined ? undefined : toContext(traceId, parentId);
    this.startTime = toHrTime(startMs);
    this.endTime = toHrTime(endMs);
    this.duration = toHrTime(Math.max(0, endMs - startMs));
    this.status = attributes[A.error] === undefined ? SUCCEEDED : FAILED;
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}

/** The tracer of a process: the part of its observer that makes spans. */
export function createTracer(
  options: TracerOptions,
): Required<Pick<Observer, 'activation' | 'delivery' | 'runStored' | 'runFinished'>> {
  const describing = { texts: new SpanTexts(options.redactor), withContent: options.withContent };
  const isTraced = ({ runId }: ObservedRun) => isInRatio(runId, options.ratio);
  const emit: Emit = (start, ids, times) => options.export(new EndedSpan(start, ids, times, options.resource));
  return {
    activation: (activation) => (isTraced(activation) ? beginActivation(activation, describing, emit) : undefined),
    delivery: (delivery) => (isTraced(delivery) ? beginDelivery(delivery, describing, emit) : undefined),
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
type Making = { describing: Describing; emit: Emit; now: () => number; traceId: string };

function beginActivation(
  { runId, workspaceId, activation, deaths }: ObservedActivation,
  describing: Describing,
  emit: Emit,
): Span {
  const attributes = {
    [A.run]: runId,
    [A.workspace]: workspaceId,
    [A.activation]: activation,
    ...(deaths > 0 && { [A.deaths]: deaths }),
  };
  const making = { describing, emit, now: clock(), traceId: traceIdOf(runId) };
  return new OpenSpan(making, rootSpanIdOf(runId), () => ({ name: 'activation', kind: INTERNAL, attributes }));
}

/** A request that follows the run, mostly after its end: a child of the root. */
function beginDelivery(
  { runId, workspaceId, webhookId, type, attempt, url }: ObservedDelivery,
  describing: Describing,
  emit: Emit,
): Span {
  const describe = (): SpanStart => {
    const request = startOf({ kind: 'request', method: 'POST', origin: new URL(url).origin }, describing);
    const attributes = {
      ...request.attributes,
      [A.run]: runId,
      [A.workspace]: workspaceId,
      [A.webhook]: webhookId,
      [A.deliveryAttempt]: attempt,
    };
    return { ...request, name: `webhook ${type}`, attributes };
  };
  return new OpenSpan({ describing, emit, now: clock(), traceId: traceIdOf(runId) }, rootSpanIdOf(runId), describe);
}

class OpenSpan implements Span {
  readonly #id = newSpanId();
  readonly #startMs: number;
  #isOpen = true;

  constructor(
    private readonly making: Making,
    private readonly parentId: string,
    /** Called at the end: before a call, the secret of its credential may be unknown, so that its texts cannot be redacted. */
    private readonly describe: () => SpanStart,
  ) {
    this.#startMs = making.now();
  }

  get traceparent(): string {
    return toTraceparent({ traceId: this.making.traceId, spanId: this.#id, isSampled: true });
  }

  begin(work: Work): Span {
    return new OpenSpan(this.making, this.#id, () => startOf(work, this.making.describing));
  }

  end(end: WorkEnd): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { making, parentId } = this;
    const start = this.describe();
    addEnd(start, end, making.describing);
    const ids = { traceId: making.traceId, spanId: this.#id, parentId };
    making.emit(start, ids, { startMs: this.#startMs, endMs: making.now() });
  }
}
