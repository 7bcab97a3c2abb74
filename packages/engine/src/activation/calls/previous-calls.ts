import type { CallInWords, Json, PlanStep, ToolSpec } from '@errand/contracts';
import { type LedgerEntry, type LedgerRow, type RunScope, readLedgerEntry } from '@errand/db';
import { type CallOutcome, type Output, readsOnly, stepTitle, toolLabel } from '@errand/plan';
import type { DecisionRequests } from '../../decisions/ask/requests.ts';
import type { StoredCall } from '../../events/frame.ts';
import { failedText, inline, reasonOf, uncertainText } from '../../events/step-text.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import type { Outputs } from '../outputs.ts';
import { madeWrites, writeKey } from '../planning/replan-rules.ts';
import { CallViews } from './call-views.ts';

type PreviousCallsDeps = {
  scope: RunScope;
  runId: string;
  requests: DecisionRequests;
  writer: ActivationWriter;
  outputs: Outputs;
  /** The time of the database. */
  now: () => Date;
  /** Ids of the steps of earlier plans that have written. */
  wroteBefore: readonly string[];
  /** The tools of the plan. */
  tools: readonly ToolSpec[];
};

/** A call with these arguments in words. */
export type DescribeCall = (args: Json) => Promise<CallInWords>;

type DescribedCall = { step: PlanStep; tool: ToolSpec; describe: DescribeCall };

/** A call with its entry in the ledger. `mayHaveHappened`: an earlier attempt may have taken effect, whatever the outcome of the next. */
export type PendingCall = DescribedCall & { entry: LedgerEntry; mayHaveHappened: boolean };

/** A call with its final arguments, after the edits of a human. */
type ResolvedCall = DescribedCall & { args: Json; argsSha256: string };

/**
 * The calls that earlier activations and this one made: their outcomes, and the decisions of humans about uncertain
 * ones. An activation executes the whole plan again; this class answers the calls that need not be made again.
 */
export class PreviousCalls {
  readonly #deps: PreviousCallsDeps;

  /** How events show the calls. */
  readonly views = new CallViews();
  readonly #rows: Map<string, LedgerRow>;
  /** Steps of earlier plans by the key of each write that they made. */
  #earlierWriters: ReadonlyMap<string, string> | undefined;
  /** Tools of the writes that took effect or may have, skipped ones too. Some stand there twice: only whether there are any matters. */
  readonly #wrote: (string | null)[];

  constructor(ledger: readonly LedgerRow[], deps: PreviousCallsDeps) {
    this.#deps = deps;

    this.#rows = new Map(ledger.filter((row) => row.kind === 'tool').map((row) => [row.key, row]));
    // Also the calls of steps that a later plan left out: the run did change something.
    this.#wrote = ledger.flatMap(({ effect, state, tool }) =>
      effect === 'write' && TOOK_EFFECT.has(state) ? [tool] : [],
    );
  }

  get effects(): number {
    return this.#wrote.length;
  }

  /** Whether anything was changed, as far as names tell: a search that is sent by POST counts as a write, and changes nothing. */
  get changed(): boolean {
    const looks = new Set(this.#deps.tools.filter(readsOnly).map(({ name }) => name));
    return this.#wrote.some((tool) => tool === null || !looks.has(tool));
  }

  /** Notes that a call of a tool may have taken effect. */
  noteEffect(tool: string | null): void {
    this.#wrote.push(tool);
  }

  /** The ledger entry of a call; undefined when earlier activations wrote none. */
  row(key: string): LedgerRow | undefined {
    return this.#rows.get(key);
  }

  /** The outcome of a write that a step of an earlier plan has made, with the same arguments; undefined when none has. */
  repeated(step: PlanStep, tool: ToolSpec, argsSha256: string): CallOutcome | undefined {
    const { wroteBefore } = this.#deps;
    if (readsOnly(tool) || wroteBefore.length === 0) return undefined;
    this.#earlierWriters ??= new Map(
      madeWrites([...this.#rows.values()])
        .filter(({ stepId }) => stepId !== null && wroteBefore.includes(stepId))
        .map((row) => [writeKey(row.tool, row.argsSha256), row.stepId!]),
    );
    const writerId = this.#earlierWriters.get(writeKey(tool.name, argsSha256));
    if (writerId === undefined || writerId === step.id) return undefined;
    const message = `${toolLabel(tool)} was not done again: it was done before in this run, with the same arguments.`;
    return { kind: 'failed', code: 'write_repeated', message, cause: `The step ${writerId} has done it.` };
  }

  /** Whether a human decided to retry an uncertain call, and the retry has not been made yet. */
  isRetried(row: LedgerRow): boolean {
    return row.state === 'UNCERTAIN' && this.#deps.requests.about('effect', row.key)?.decision === 'retry';
  }

  /** A ledger row as an entry to write back: with its arguments and output, which are read from the ledger. */
  async toEntry(row: LedgerRow): Promise<LedgerEntry> {
    const {
      error,
      argsBytes: _args,
      outputBytes: _output,
      refusal: _refusal,
      link: _link,
      endedAt: _end,
      ...columns
    } = row;
    const stored = await readLedgerEntry(this.#deps.scope, this.#deps.runId, row.key);
    return { ...columns, args: stored?.args ?? null, output: stored?.output ?? undefined, error: error ?? undefined };
  }

  /** The outcome of a call as the ledger has it; undefined when the call must be made (again). */
  async outcomeFromLedger(
    row: LedgerRow,
    { step, tool, args, argsSha256, describe }: ResolvedCall,
  ): Promise<CallOutcome | undefined> {
    const { key } = row;
    const isWrite = row.effect === 'write';
    // The arguments of a read differ when an earlier read answered differently this time: it is made again.
    if (!isWrite && row.argsSha256 !== argsSha256) return undefined;
    const answer = isWrite ? this.#deps.requests.about('effect', key) : undefined;
    switch (row.state) {
      case 'DONE':
        return this.end(key, key, isWrite && tool.name, {
          ...done(this.#outputOf(row), answer?.decision === 'happened' && !answer.hasOutput),
          ...(row.link !== null && { link: row.link }),
        });
      case 'INTENDED': {
        // The service does the same call only once, so it is safe to make it again.
        if (tool.idempotent && row.argsSha256 === argsSha256) return undefined;
        const message = 'Errand stopped during the call';
        const error = { code: 'effect_uncertain', message, retryable: false };
        return this.ask({ entry: { ...(await this.toEntry(row)), error }, step, tool, describe });
      }
      case 'UNCERTAIN':
        return this.#resolve(row, { step, tool, describe }, answer);
      case 'REFUSED': // it had no effect
        return undefined;
      case 'SKIPPED':
        return this.end(key, inline(row, args, row.refusal), tool.name, skipped(tool));
      case 'FAILED': {
        const error = row.error ?? { code: 'internal', message: 'The call failed.' };
        const failure = { kind: 'failed', code: error.code, message: failedText(tool, error.message) } as const;
        return this.end(key, inline({ ...row, error }, args, row.refusal), false, failure);
      }
    }
  }

  #outputOf({ key, outputBytes }: LedgerRow): Output {
    return outputBytes === null ? this.#deps.outputs.unknown() : this.#deps.outputs.stored(key, outputBytes);
  }

  /** Applies the decision about an uncertain call, or waits for it. */
  async #resolve(
    row: LedgerRow,
    { step, tool, describe }: DescribedCall,
    answer: ReturnType<DecisionRequests['about']>,
  ): Promise<CallOutcome> {
    switch (answer?.decision) {
      case 'happened': {
        const output = answer.hasOutput ? this.#deps.outputs.fresh(row.key, answer.output) : undefined;
        const entry = await this.toEntry(row);
        this.#deps.writer.add({ ledger: { ...entry, state: 'DONE', error: undefined, output: output?.text } });
        const outcome = done(output ?? this.#deps.outputs.unknown(), !answer.hasOutput);
        return this.end(row.key, row.key, tool.name, outcome);
      }
      case 'skip': {
        const entry = await this.toEntry(row);
        this.#deps.writer.add({ ledger: { ...entry, state: 'SKIPPED' } });
        const entryNow = { ...entry, state: 'SKIPPED' as const, endedAt: this.#deps.now() };
        return this.end(row.key, inline(entryNow, entry.args, entry.output), tool.name, skipped(tool));
      }
      case null: {
        // Requested, and not decided yet.
        this.noteEffect(tool.name);
        return { kind: 'waiting' };
      }
      default:
        // Not requested yet. A call to retry does not come here: `isRetried`.
        return this.ask({ entry: await this.toEntry(row), step, tool, describe });
    }
  }

  /** Requests a decision about a call that may have taken effect: it must not be made again without one. */
  async ask({ entry, step, tool, describe }: Omit<PendingCall, 'mayHaveHappened'>): Promise<CallOutcome> {
    const text = uncertainText(tool, entry.error?.message);
    const words = await describe(entry.args);
    const request = this.#deps.requests.request({
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
    const now = this.#deps.now();
    const startedAt = entry.startedAt ?? now;
    this.#rows.set(entry.key, {
      ...entry,
      state: 'UNCERTAIN',
      error: entry.error ?? null,
      argsBytes: null,
      outputBytes: null,
      refusal: null,
      link: null,
      startedAt,
      endedAt: now,
    });
    this.#deps.writer.add({
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
      calls: [inline({ ...entry, startedAt, state: 'UNCERTAIN', endedAt: now }, entry.args, entry.output)],
    });
    this.noteEffect(tool.name);
    return { kind: 'waiting' };
  }

  /**
   * Notes how events show an ended call.
   * @param view the call, or its ledger key when the ledger has its output
   * @param wrote the tool, where it changed something or may have
   * @returns the outcome
   */
  end(key: string, view: StoredCall, wrote: string | null | false, outcome: CallOutcome): CallOutcome {
    this.views.note(key, view);
    if (wrote !== false) this.noteEffect(wrote);
    return outcome;
  }
}

/** States of a write that took effect or may have. */
const TOOK_EFFECT = new Set(['DONE', 'UNCERTAIN', 'SKIPPED']);

const done = (output: Output, outputUnknown: boolean): CallOutcome => ({
  kind: 'done',
  output,
  ...(outputUnknown && { unknown: true }),
});

const skipped = (tool: ToolSpec): CallOutcome => ({
  kind: 'denied',
  code: 'effect_skipped',
  message: `Whether ${toolLabel(tool)} took effect is not known; somebody decided to skip it.`,
});
