import { addUsage, type NewRunEvent, type RunStatus, type TokenUsage } from '@errand/contracts';
import {
  type DecisionKind,
  type EventDraft,
  type LedgerEntry,
  type NewDecisionRequest,
  recordLateCall,
  type Transition,
  type UsageDelta,
} from '@errand/db';
import { type Publish, type TransitionWriter, transition, type WritingScope } from '../model/transition.ts';
import { type StoredCall, toDraft } from './event-json.ts';

/** This worker no longer holds the run: it was cancelled, or another worker claimed it. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The run as its activation holds it. */
type HeldRun = TransitionWriter & { epoch: number };

type WriterDeps = {
  scope: WritingScope;
  publish: Publish;
  /** Called when a write fails, or finds that the lease is lost. */
  onFailure: (error: unknown) => void;
  /** Milliseconds of work since its last call; each write adds them. */
  takeActiveMs: () => number;
};

/**
 * Writes the transitions of one activation, one statement at a time. Parts that are added meanwhile go into the next statement, so a
 * quick read costs at most one commit and the next step does not wait for it.
 * If the worker dies first, the read is repeated. Code that needs a durable record awaits `flush`.
 */
export class ActivationWriter {
  #batch = emptyBatch();
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Immediate | null = null;
  /** The reason why nothing more is written: LeaseLost, or the database's error. */
  failure: unknown;

  constructor(
    private readonly run: HeldRun,
    private readonly deps: WriterDeps,
  ) {}

  /** Adds to the next write. Usage alone triggers no write. */
  add(part: BatchPart): void {
    if (part.event) {
      // The event shows the status that the request leads to, so that clients act at once, while other steps still run.
      const status = part.decisionRequest ? statusOf(part.decisionRequest.kind) : 'RUNNING';
      this.#batch.events.push(toDraft(status, part.event, part.calls));
    }
    if (part.ledger && this.failure instanceof LeaseLost) this.recordLate(part.ledger);
    else if (part.ledger) this.#batch.ledger.push(part.ledger);
    if (part.decisionRequest) this.#batch.decisionRequests.push(part.decisionRequest);
    if (part.usage) this.#batch.usage = sum(this.#batch.usage, part.usage);
    if (!part.event && !part.ledger && !part.decisionRequest) return;
    this.#timer ??= setImmediate(() => this.#writeNext());
  }

  /** Waits until everything that was added is committed. @throws LeaseLost, or the database's error */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.failure) throw this.failure;
    if (!isEmpty(this.#batch)) await this.#write({ to: 'RUNNING', events: [] });
  }

  /**
   * Releases the run until a human has decided, or until `change.suspendUntil`.
   * @returns false when it became due in the meantime, or the lease is lost
   */
  async suspend(change: ActivationTransition & { suspendUntil: Date }): Promise<boolean> {
    await this.flush();
    const activeMs = this.deps.takeActiveMs();
    const applied = await transition(this.deps, this.run, { ...change, usage: { activeMs } });
    if (!applied) this.#batch.usage.activeMs += activeMs;
    return applied;
  }

  /** Applies a transition together with everything that was added. @throws LeaseLost, or the database's error */
  async apply(change: ActivationTransition): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.failure) throw this.failure;
    await this.#write(change);
  }

  /** Records the outcome of a write only in the ledger, after the run has ended or the lease was lost. */
  recordLate(entry: LedgerEntry): void {
    if (entry.effect !== 'write' || entry.state === 'INTENDED') return;
    recordLateCall(this.deps.scope, this.run.runId, this.run.epoch, entry).catch(() => {});
  }

  // A write under way is followed by the next one, see `#apply`.
  #writeNext(): void {
    this.#timer = null;
    if (!this.#writing && !this.failure && !isEmpty(this.#batch))
      this.#write({ to: 'RUNNING', events: [] }).catch(() => {});
  }

  #write(change: ActivationTransition): Promise<void> {
    const { events, ledger, usage, decisionRequests } = this.#batch;
    this.#batch = emptyBatch();
    if (this.#timer) clearImmediate(this.#timer);
    this.#timer = null;
    const fullTransition = {
      ...change,
      events: [...events, ...change.events],
      // The last entry of a key counts: one statement must not change a row twice.
      ledger: [...new Map(ledger.map((entry) => [entry.key, entry])).values()],
      decisionRequests,
      usage: { ...usage, activeMs: usage.activeMs + this.deps.takeActiveMs() },
    };
    this.#writing = this.#apply(fullTransition);
    return this.#writing;
  }

  async #apply(change: Transition & { ledger: readonly LedgerEntry[] }): Promise<void> {
    try {
      const applied = await transition(this.deps, this.run, change);
      if (!applied) throw new LeaseLost('The run was cancelled or claimed by another worker.');
      this.run.status = change.to;
    } catch (error) {
      this.failure ??= error;
      if (error instanceof LeaseLost) for (const entry of change.ledger) this.recordLate(entry);
      this.deps.onFailure(error);
      throw error;
    } finally {
      this.#writing = null;
      if (!isEmpty(this.#batch)) this.#timer ??= setImmediate(() => this.#writeNext());
    }
  }
}

/** The status of a run that waits for a decision request of this kind. */
const statusOf = (kind: DecisionKind): RunStatus => (kind === 'consent' ? 'AUTH_REQUIRED' : 'PAUSED');

/** A transition of the activation itself; the steps add the rest. */
type ActivationTransition = Omit<Transition, 'ledger' | 'decisionRequests' | 'usage'>;

type BatchPart = {
  event?: NewRunEvent;
  calls?: readonly StoredCall[];
  ledger?: LedgerEntry;
  decisionRequest?: NewDecisionRequest;
  usage?: UsageDelta;
};

const NOTHING_USED = { steps: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, activeMs: 0 };

const emptyBatch = () => ({
  events: [] as EventDraft[],
  ledger: [] as LedgerEntry[],
  decisionRequests: [] as NewDecisionRequest[],
  usage: { ...NOTHING_USED } as UsageTotals,
});

const isEmpty = (pending: ReturnType<typeof emptyBatch>): boolean =>
  pending.events.length + pending.ledger.length + pending.decisionRequests.length === 0 &&
  pending.usage.steps + pending.usage.toolCalls + pending.usage.activeMs === 0 &&
  pending.usage.inputTokens + pending.usage.outputTokens === 0;

type UsageTotals = typeof NOTHING_USED & TokenUsage;

function sum(a: UsageTotals, { steps = 0, toolCalls = 0, activeMs = 0, ...tokens }: UsageDelta): UsageTotals {
  const total = { ...a, steps: a.steps + steps, toolCalls: a.toolCalls + toolCalls, activeMs: a.activeMs + activeMs };
  addUsage(total, { inputTokens: 0, outputTokens: 0, ...tokens });
  return total;
}
