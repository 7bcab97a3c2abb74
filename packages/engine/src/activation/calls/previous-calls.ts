import type { CallInWords, Json, PlanStep, ToolSpec } from '@errand/contracts';
import { type LedgerEntry, type LedgerRow, type RunScope, readLedgerEntry } from '@errand/db';
import { type CallOutcome, type Output, readsOnly, stepTitle, toolLabel } from '@errand/plan';
import type { DecisionRequests } from '../../decisions/ask/decision-requests.ts';
import type { StoredCall } from '../../events/event-json.ts';
import { failedCall, failedText, reasonOf, uncertainText } from '../../events/step-text.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import type { Outputs } from '../outputs.ts';
import { writeKey, writesMade } from '../planning/replan-rules.ts';
import { CallViews } from './call-views.ts';

type PreviousCallsDeps = {
  scope: RunScope;
  runId: string;
  requests: DecisionRequests;
  writer: ActivationWriter;
  outputs: Outputs;
  /** Database time. */
  now: () => Date;
  /** When the run was restored from a backup, in which it was open. */
  restoredAt: Date | null;
  /** Ids of the steps of earlier plans that have written. */
  wroteBefore: readonly string[];
  tools: readonly ToolSpec[];
};

/** Describes a call with these arguments. */
export type DescribeCall = (args: Json) => Promise<CallInWords>;

type DescribedCall = { step: PlanStep; tool: ToolSpec; describe: DescribeCall };

/** A call with its ledger entry. `mayHaveHappened`: an earlier attempt may have taken effect, whatever the next outcome is. */
export type PendingCall = DescribedCall & { entry: LedgerEntry; mayHaveHappened: boolean };

/** A call with its final arguments, after the edits of a human. */
type ResolvedCall = DescribedCall & { args: Json; argsSha256: string };

type CallRecord = {
  /** Absent when the ledger has the output of the call. */
  view?: StoredCall;
  /** The tool, if it may have changed something. */
  writingTool?: string | null | undefined;
  outcome: CallOutcome;
};

/**
 * The calls of this activation and earlier ones: their outcomes, and the decisions of humans about uncertain calls.
 * An activation executes the whole plan again; this class returns the outcomes of calls that need no repetition.
 */
export class PreviousCalls {
  readonly views = new CallViews();
  readonly #rows: Map<string, LedgerRow>;
  /** The step of an earlier plan, by the key of each write that it made. */
  #earlierWriters: ReadonlyMap<string, string> | undefined;
  /** The time just before the first call of each step was sent. */
  readonly #stepStarts = new Map<string, Date>();
  /** Tools of the writes that may have taken effect, including skipped ones, by the key of the call. */
  readonly #writtenTools: Map<string, string | null>;

  constructor(
    ledger: readonly LedgerRow[],
    private readonly deps: PreviousCallsDeps,
  ) {
    this.#rows = new Map(ledger.filter((row) => row.kind === 'tool').map((row) => [row.key, row]));
    for (const { kind, stepId, startedAt } of ledger)
      if (kind === 'tool' && stepId !== null) this.noteStart(stepId, startedAt);
    // Includes calls of steps that a later plan omitted: the run did change something.
    const written = ledger.filter(
      ({ effect, state, takenFrom }) => effect === 'write' && EFFECTIVE_STATES.has(state) && takenFrom === null,
    );
    this.#writtenTools = new Map(written.map(({ key, tool }) => [key, tool]));
  }

  get effects(): number {
    return this.#writtenTools.size;
  }

  /** Whether the run changed anything, judged by tool names: a search that is sent by POST counts as a write and changes nothing. */
  get changed(): boolean {
    const readTools = new Set(this.deps.tools.filter(readsOnly).map(({ name }) => name));
    return [...this.#writtenTools.values()].some((tool) => tool === null || !readTools.has(tool));
  }

  noteEffect(key: string, tool: string | null): void {
    this.#writtenTools.set(key, tool);
  }

  noteStart(stepId: string, at: Date): void {
    const before = this.#stepStarts.get(stepId);
    if (before === undefined || at < before) this.#stepStarts.set(stepId, at);
  }

  startOf(stepId: string): Date | undefined {
    return this.#stepStarts.get(stepId);
  }

  /** Undefined when earlier activations wrote no entry for the call. */
  row(key: string): LedgerRow | undefined {
    return this.#rows.get(key);
  }

  /** When the last call of a step that an earlier run has run had ended. */
  endOf(stepId: string): Date | undefined {
    const ends = [...this.#rows.values()].flatMap((row) => (row.stepId === stepId ? (row.endedAt ?? []) : []));
    return ends.reduce<Date | undefined>((last, end) => (last && last > end ? last : end), undefined);
  }

  /** The outcome of a call that an earlier run has made, and from which this run continues. */
  outcomeOfEarlierRun(key: string): (CallOutcome & { kind: 'done' }) | undefined {
    const row = this.#rows.get(key);
    if (!row || row.takenFrom === null) return undefined;
    this.views.note(key, key);
    const link = row.link === null ? {} : { link: row.link };
    return { ...doneOutcome(this.#outputOf(row), row.outputBytes === null), ...link };
  }

  /** The outcome if a step of an earlier plan has made the same write with the same arguments. */
  repeatedWrite(step: PlanStep, tool: ToolSpec, argsSha256: string): CallOutcome | undefined {
    const { wroteBefore } = this.deps;
    if (readsOnly(tool) || wroteBefore.length === 0) return undefined;
    this.#earlierWriters ??= new Map(
      writesMade([...this.#rows.values()])
        .filter(({ stepId }) => stepId !== null && wroteBefore.includes(stepId))
        .map((row) => [writeKey(row.tool, row.argsSha256), row.stepId!]),
    );
    const writerId = this.#earlierWriters.get(writeKey(tool.name, argsSha256));
    if (writerId === undefined || writerId === step.id) return undefined;
    const message = `${toolLabel(tool)} was not done again: it was done before in this run, with the same arguments.`;
    return { kind: 'failed', code: 'write_repeated', message, cause: `The step ${writerId} has done it.` };
  }

  /** Whether a human decided to retry an uncertain call that was not retried yet. */
  isRetried(row: LedgerRow): boolean {
    return row.state === 'UNCERTAIN' && this.#wasRetryDecided(row.key);
  }

  /** A decision from before a restore is void: the original may have made the call again. */
  #wasRetryDecided(key: string): boolean {
    const { requests, restoredAt } = this.deps;
    const answer = requests.newest('effect', key);
    return answer?.decision === 'retry' && (restoredAt === null || answer.decidedAt! > restoredAt);
  }

  /** Whether the original may have made this write after the backup from which the run was restored. */
  mayHaveBeenMadeElsewhere(row: LedgerRow | undefined, tool: ToolSpec): boolean {
    if (this.deps.restoredAt === null || readsOnly(tool)) return false;
    return (
      row === undefined || ((row.state === 'INTENDED' || row.state === 'REFUSED') && !this.#wasRetryDecided(row.key))
    );
  }

  /** A ledger row as an entry to write back, with its arguments and output read from the ledger. */
  async toEntry(row: LedgerRow): Promise<LedgerEntry> {
    const {
      error,
      argsBytes: _args,
      outputBytes: _output,
      refusal: _refusal,
      link: _link,
      endedAt: _end,
      status,
      attemptTimes,
      ...columns
    } = row;
    const stored = await readLedgerEntry(this.deps.scope, this.deps.runId, row.key);
    return {
      ...columns,
      args: stored?.args ?? null,
      output: stored?.output ?? undefined,
      error: error ?? undefined,
      ...(status !== null && { status }),
      ...(attemptTimes && { attemptTimes }),
    };
  }

  /** The outcome of a call in the ledger; undefined when the call must be made (again). */
  async outcomeFromLedger(
    row: LedgerRow,
    { step, tool, args, argsSha256, describe }: ResolvedCall,
  ): Promise<CallOutcome | undefined> {
    const { key } = row;
    const isWrite = row.effect === 'write';
    // If an earlier read returned something else this time, the arguments of this read differ: repeat it.
    if (!isWrite && row.argsSha256 !== argsSha256) return undefined;
    const answer = isWrite ? this.deps.requests.newest('effect', key) : undefined;
    switch (row.state) {
      case 'DONE':
        return this.recordEnd(key, {
          writingTool: isWrite ? tool.name : undefined,
          outcome: {
            ...doneOutcome(this.#outputOf(row), answer?.decision === 'happened' && !answer.hasOutput),
            ...(row.link !== null && { link: row.link }),
          },
        });
      case 'INTENDED': {
        // The service executes equal calls once, so repeating the call is safe.
        if (tool.idempotent && row.argsSha256 === argsSha256) return undefined;
        const message = 'Errand stopped during the call';
        const error = { code: 'effect_uncertain', message, retryable: false };
        return this.requestDecision({ entry: { ...(await this.toEntry(row)), error }, step, tool, describe });
      }
      case 'UNCERTAIN':
        return this.#resolveUncertain(row, { step, tool, describe }, answer);
      case 'REFUSED': // it had no effect
        return undefined;
      case 'SKIPPED':
        return this.recordEnd(key, {
          view: failedCall(row, args, row.refusal),
          writingTool: tool.name,
          outcome: skippedOutcome(tool),
        });
      case 'FAILED': {
        const error = row.error ?? { code: 'internal', message: 'The call failed.' };
        const outcome = { kind: 'failed', code: error.code, message: failedText(tool, error.message) } as const;
        return this.recordEnd(key, { view: failedCall({ ...row, error }, args, row.refusal), outcome });
      }
    }
  }

  #outputOf({ key, outputBytes }: LedgerRow): Output {
    return outputBytes === null ? this.deps.outputs.ofUnknownAnswer() : this.deps.outputs.fromLedger(key, outputBytes);
  }

  async #resolveUncertain(
    row: LedgerRow,
    { step, tool, describe }: DescribedCall,
    answer: ReturnType<DecisionRequests['newest']>,
  ): Promise<CallOutcome> {
    switch (answer?.decision) {
      case 'happened': {
        const output = answer.hasOutput ? this.deps.outputs.addNew(row.key, answer.output) : undefined;
        const entry = await this.toEntry(row);
        this.deps.writer.add({ ledger: { ...entry, state: 'DONE', error: undefined, output: output?.text } });
        const outcome = doneOutcome(output ?? this.deps.outputs.ofUnknownAnswer(), !answer.hasOutput);
        return this.recordEnd(row.key, { writingTool: tool.name, outcome });
      }
      case 'skip': {
        const entry = await this.toEntry(row);
        this.deps.writer.add({ ledger: { ...entry, state: 'SKIPPED' } });
        const skipped = { ...entry, state: 'SKIPPED' as const, endedAt: this.deps.now() };
        const view = failedCall(skipped, entry.args, entry.output);
        return this.recordEnd(row.key, { view, writingTool: tool.name, outcome: skippedOutcome(tool) });
      }
      case null: {
        this.noteEffect(row.key, tool.name);
        return { kind: 'waiting' };
      }
      default:
        // Not requested yet. Retries do not get here: see `isRetried`.
        return this.requestDecision({ entry: await this.toEntry(row), step, tool, describe });
    }
  }

  /** Requests a decision about a call that may have taken effect; without one it must not be repeated. */
  async requestDecision({
    entry,
    step,
    tool,
    describe,
    text = uncertainText(tool, entry.error?.message),
  }: Omit<PendingCall, 'mayHaveHappened'> & { text?: string }): Promise<CallOutcome> {
    const words = await describe(entry.args);
    const request = this.deps.requests.create({
      kind: 'effect',
      key: entry.key,
      text,
      words,
      stepId: step.id,
      tool: tool.name,
      customerIntegrationId: tool.customerIntegrationId,
      args: entry.args,
      sha256: entry.argsSha256,
    });
    const now = this.deps.now();
    const startedAt = entry.startedAt ?? now;
    this.#rows.set(entry.key, {
      ...entry,
      state: 'UNCERTAIN',
      error: entry.error ?? null,
      argsBytes: null,
      outputBytes: null,
      refusal: null,
      link: null,
      status: entry.status ?? null,
      attemptTimes: entry.attemptTimes ? [...entry.attemptTimes] : null,
      startedAt,
      endedAt: now,
      takenFrom: null,
    });
    this.deps.writer.add({
      ledger: { ...entry, state: 'UNCERTAIN' },
      decisionRequest: request,
      event: {
        type: 'step',
        step: {
          stepId: step.id,
          effectId: request.decisionRequestId,
          title: stepTitle(step.tool, tool),
          state: 'waiting',
          startedAt: startedAt.toISOString(),
          reason: reasonOf(step, tool),
          approval: 'NOT_REQUIRED',
          text,
        },
      },
      calls: [failedCall({ ...entry, startedAt, state: 'UNCERTAIN', endedAt: now }, entry.args, entry.output)],
    });
    this.noteEffect(entry.key, tool.name);
    return { kind: 'waiting' };
  }

  /** Records how events show an ended call. */
  recordEnd(key: string, { view = key, writingTool, outcome }: CallRecord): CallOutcome {
    this.views.note(key, view);
    // A write that was uncertain, and that failed when it was retried, counts by its last attempt, as in the ledger.
    if (writingTool === undefined) this.#writtenTools.delete(key);
    else this.noteEffect(key, writingTool);
    return outcome;
  }
}

const EFFECTIVE_STATES = new Set(['DONE', 'UNCERTAIN', 'SKIPPED']);

const doneOutcome = (output: Output, outputUnknown: boolean): CallOutcome & { kind: 'done' } => ({
  kind: 'done',
  output,
  ...(outputUnknown && { unknown: true }),
});

const skippedOutcome = (tool: ToolSpec): CallOutcome => ({
  kind: 'denied',
  code: 'effect_skipped',
  message: `Whether ${toolLabel(tool)} took effect is not known; somebody decided to skip it.`,
});
