import { type Guarded, guardedBy } from '@errand/basics/guarded';
import type { RunStatus } from '@errand/contracts';
import type { EndedRun } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type {
  BusinessEvents,
  ObservedActivation,
  ObservedDelivery,
  ObservedRun,
  Observer,
  Span,
  WaitKind,
  Work,
  WorkEnd,
} from '@errand/ports/observer';

type Event<K extends keyof BusinessEvents> = Parameters<NonNullable<BusinessEvents[K]>>[0];

/** Reports a business event to the observer. Never throws. */
export type Report = <K extends keyof BusinessEvents>(name: K, event: Event<K>) => void;

/** Begins the span of an activation; undefined if it is not traced. Never throws. */
export type BeginActivation = (activation: ObservedActivation) => Span | undefined;

/** Begins the span of a delivery to a webhook; undefined if its run is not traced. Never throws. */
export type BeginDelivery = (delivery: ObservedDelivery) => Span | undefined;

/** Reports that a run was stored. Never throws. */
export type ReportCreated = (run: Event<'runCreated'>, traceparent: string | undefined) => void;

/** A committed change of a run, for the observer. `asked`: new requests. `decided`: a request with its decision. */
export type CommittedChange = {
  ended?: { status: RunStatus; code?: string | undefined } & Pick<EndedRun, 'activeMs' | 'startedAt' | 'endedAt'>;
  asked?: readonly { kind: WaitKind }[];
  decided?: { kind: WaitKind; decision: string; expired: boolean; waitedMs: number };
};

/** Reports a committed change of a run. Never throws. */
export type ReportChange = (run: ObservedRun, change: CommittedChange) => void;

type Observation = {
  report: Report;
  reportCreated: ReportCreated;
  reportChange: ReportChange;
  beginActivation: BeginActivation;
  beginDelivery: BeginDelivery;
};

const NO_OBSERVER: Observation = {
  report: () => {},
  reportCreated: () => {},
  reportChange: () => {},
  beginActivation: () => undefined,
  beginDelivery: () => undefined,
};

/** A span that never throws. */
class GuardedSpan implements Span {
  /** @param span undefined: the observer could not begin it */
  constructor(
    private readonly span: Span | undefined,
    private readonly guarded: Guarded,
  ) {}

  get traceparent(): string | undefined {
    return this.guarded(() => this.span?.traceparent);
  }

  begin(work: Work): Span {
    return new GuardedSpan(
      this.guarded(() => this.span?.begin(work)),
      this.guarded,
    );
  }

  end(end: WorkEnd): void {
    this.guarded(() => this.span?.end(end));
  }
}

/** The calls of the engine to its observer. A fault of the observer is logged once, and changes nothing else. */
export function observation(observer: Observer | undefined, log: Log): Observation {
  if (!observer) return NO_OBSERVER;
  const guarded = guardedBy((error) =>
    log.warn({ err: error }, 'The observer of the engine failed; its counts and traces may be incomplete.'),
  );
  const guardedSpan = (begin: () => Span | undefined) => {
    const span = guarded(begin);
    return span && new GuardedSpan(span, guarded);
  };
  const report: Report = (name, event) =>
    guarded(() => (observer[name] as ((e: typeof event) => void) | undefined)?.(event));
  return {
    report,
    beginActivation: (activation) => guardedSpan(() => observer.activation?.(activation)),
    beginDelivery: (delivery) => guardedSpan(() => observer.delivery?.(delivery)),
    reportCreated(created, traceparent) {
      const { workspaceId, runId } = created;
      report('runCreated', created);
      guarded(() => observer.runStored?.({ workspaceId, runId, traceparent }));
    },
    // Objects list their members, because Node 20 takes microseconds to add members after a spread.
    reportChange({ workspaceId, runId }, { ended, asked = [], decided }) {
      for (const { kind } of asked) report('waitBegun', { workspaceId, runId, kind });
      if (decided) report('waitEnded', { workspaceId, runId, ...decided });
      if (!ended) return;
      const { status, code, activeMs, startedAt, endedAt } = ended;
      const end = { workspaceId, runId, status, code, activeMs, startedAt, endedAt };
      report('runEnded', end);
      guarded(() => observer.runFinished?.(end));
    },
  };
}
