import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import { type LedgerEntry, type LedgerRow, type RunScope, readLedgerEntry } from '@errand/db';
import { type CallEnd, type CallOutcome, type Output, readsOnly, stepTitle, toolLabel } from '@errand/plan';
import type { DecisionRequests } from '../../decisions/ask/requests.ts';
import type { ApprovalResult, StoredCall } from '../../events/frame.ts';
import { failedText, inline, reasonOf, uncertainText } from '../../events/step-text.ts';
import type { ActivationWriter } from '../../events/writer.ts';
import type { Outputs } from '../outputs.ts';
import { madeWrites, writeKey } from '../planning/replan-rules.ts';
import type { Call } from './in-flight.ts';

type Deps = {
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

/** A call with its final arguments, after the edits of a human. */
type ResolvedCall = Pick<Call, 'step' | 'tool' | 'tell'> & { args: Json; argsSha256: string };

/**
 * The calls that earlier activations and this one made: their outcomes, how events show them, and what humans decided about uncertain
 * ones. An activation executes the whole plan again; this class answers the calls that need not be made again.
 */
export class PreviousCalls {
  readonly #deps: Deps;

  readonly #rows: Map<string, LedgerRow>;
  /** Steps of earlier plans by what they have written. */
  #made: ReadonlyMap<string, string> | undefined;
  readonly #renderedCalls = new Map<string, StoredCall>();
  readonly #approvals = new Map<string, { approval: ApprovalResult; approvalId?: string }>();
  /** Tools of the writes that took effect or may have, skipped ones too. Some stand there twice: only whether there are any matters. */
  readonly #wrote: (string | null)[];

  constructor(ledger: readonly LedgerRow[], deps: Deps) {
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
    this.#made ??= new Map(
      madeWrites([...this.#rows.values()])
        .filter(({ stepId }) => stepId !== null && wroteBefore.includes(stepId))
        .map((row) => [writeKey(row.tool, row.argsSha256), row.stepId!]),
    );
    const made = this.#made.get(writeKey(tool.name, argsSha256));
    if (made === undefined || made === step.id) return undefined;
    const message = `${toolLabel(tool)} was not done again: it was done before in this run, with the same arguments.`;
    return { kind: 'failed', code: 'write_repeated', message, cause: `The step ${made} has done it.` };
  }

  /** How the event of a step shows a call: by its ledger key when the ledger has its output, else whole. */
  rendered({ toolCallId, args, outcome }: CallEnd, tool: string): StoredCall | undefined {
    const known = this.#renderedCalls.get(toolCallId);
    if (known !== undefined || args === undefined || (outcome.kind !== 'failed' && outcome.kind !== 'denied'))
      return known;
    return this.#withApproval(toolCallId, inline({ key: toolCallId, tool, error: outcome, state: outcome.kind }, args));
  }

  /** Notes the decision about a call, approved or denied: events show it with the call. */
  noteApproval(key: string, approval: ApprovalResult, approvalId?: string): void {
    this.#approvals.set(key, { approval, ...(approvalId !== undefined && { approvalId }) });
  }

  /**
   * The approval of a step from its calls: DENIED if one was denied, else APPROVED if one was approved, else NOT_REQUIRED. The field of
   * the event holds one id, so there is none if calls have different approvals.
   */
  approvalOf(keys: readonly string[]): { approval: ApprovalResult['status']; approvalId?: string } {
    const all = keys.flatMap((key) => this.#approvals.get(key) ?? []);
    const [one] = all;
    const denied = all.some(({ approval }) => approval.status === 'DENIED');
    const approval = denied ? 'DENIED' : one ? 'APPROVED' : 'NOT_REQUIRED';
    const ids = new Set(all.map(({ approvalId }) => approvalId));
    return { approval, ...(ids.size === 1 && one?.approvalId !== undefined && { approvalId: one.approvalId }) };
  }

  /** A call as events show it, with the decision about it, if there was one. */
  #withApproval(key: string, rendered: StoredCall): StoredCall {
    const approval = this.#approvals.get(key)?.approval;
    if (!approval) return rendered;
    if (typeof rendered === 'string') return { ref: rendered, approval };
    if ('ref' in rendered || !rendered.toolResult) return rendered;
    return { ...rendered, toolResult: { ...rendered.toolResult, approvalResult: approval } };
  }

  /** Whether a human decided to retry an uncertain call, and the retry has not been made yet. */
  isRetried(known: LedgerRow): boolean {
    return known.state === 'UNCERTAIN' && this.#deps.requests.about('effect', known.key)?.decision === 'retry';
  }

  /** A ledger row as an entry to write back: with its arguments and output, which are read from the ledger. */
  async toEntry(known: LedgerRow): Promise<LedgerEntry> {
    const {
      error,
      argsBytes: _args,
      outputBytes: _output,
      refusal: _refusal,
      link: _link,
      endedAt: _end,
      ...row
    } = known;
    const stored = await readLedgerEntry(this.#deps.scope, this.#deps.runId, row.key);
    return { ...row, args: stored?.args ?? null, output: stored?.output ?? undefined, error: error ?? undefined };
  }

  /** The outcome of a call as the ledger has it; undefined when the call must be made (again). */
  async outcomeFromLedger(
    known: LedgerRow,
    { step, tool, args, argsSha256, tell }: ResolvedCall,
  ): Promise<CallOutcome | undefined> {
    const { key } = known;
    const isWrite = known.effect === 'write';
    // The arguments of a read differ when an earlier read answered differently this time: it is made again.
    if (!isWrite && known.argsSha256 !== argsSha256) return undefined;
    const answer = isWrite ? this.#deps.requests.about('effect', key) : undefined;
    switch (known.state) {
      case 'DONE':
        return this.end(key, key, isWrite && tool.name, {
          ...done(this.#outputOf(known), answer?.decision === 'happened' && !answer.hasOutput),
          ...(known.link !== null && { link: known.link }),
        });
      case 'INTENDED': {
        // The service does the same call only once, so it is safe to make it again.
        if (tool.idempotent && known.argsSha256 === argsSha256) return undefined;
        const message = 'Errand stopped during the call';
        const error = { code: 'effect_uncertain', message, retryable: false };
        return this.ask({ entry: { ...(await this.toEntry(known)), error }, step, tool, tell });
      }
      case 'UNCERTAIN':
        return this.#resolve(known, { step, tool, tell }, answer);
      case 'REFUSED': // it had no effect
        return undefined;
      case 'SKIPPED':
        return this.end(key, inline(known, args, known.refusal), tool.name, skipped(tool));
      case 'FAILED': {
        const error = known.error ?? { code: 'internal', message: 'The call failed.' };
        const failure = { kind: 'failed', code: error.code, message: failedText(tool, error.message) } as const;
        return this.end(key, inline({ ...known, error }, args, known.refusal), false, failure);
      }
    }
  }

  #outputOf({ key, outputBytes }: LedgerRow): Output {
    return outputBytes === null ? this.#deps.outputs.unknown() : this.#deps.outputs.stored(key, outputBytes);
  }

  /** Applies the decision about an uncertain call, or waits for it. */
  async #resolve(
    known: LedgerRow,
    { step, tool, tell }: Pick<Call, 'step' | 'tool' | 'tell'>,
    answer: ReturnType<DecisionRequests['about']>,
  ): Promise<CallOutcome> {
    switch (answer?.decision) {
      case 'happened': {
        const output = answer.hasOutput ? this.#deps.outputs.fresh(known.key, answer.output) : undefined;
        const entry = await this.toEntry(known);
        this.#deps.writer.add({ ledger: { ...entry, state: 'DONE', error: undefined, output: output?.text } });
        return this.end(
          known.key,
          known.key,
          tool.name,
          done(output ?? this.#deps.outputs.unknown(), !answer.hasOutput),
        );
      }
      case 'skip': {
        const entry = await this.toEntry(known);
        this.#deps.writer.add({ ledger: { ...entry, state: 'SKIPPED' } });
        const entryNow = { ...entry, state: 'SKIPPED' as const, endedAt: this.#deps.now() };
        return this.end(known.key, inline(entryNow, entry.args, entry.output), tool.name, skipped(tool));
      }
      case null: {
        // Requested, and not decided yet.
        this.noteEffect(tool.name);
        return { kind: 'waiting' };
      }
      default:
        // Not requested yet. A call to retry does not come here: `isRetried`.
        return this.ask({ entry: await this.toEntry(known), step, tool, tell });
    }
  }

  /** Requests a decision about a call that may have taken effect: it must not be made again without one. */
  async ask({ entry, step, tool, tell }: Omit<Call, 'mayHaveHappened'>): Promise<CallOutcome> {
    const text = uncertainText(tool, entry.error?.message);
    const words = await tell(entry.args);
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
    const reason = reasonOf(step, tool);
    const now = this.#deps.now();
    const startedAt = entry.startedAt ?? now;
    const error = entry.error ?? null;
    this.#rows.set(entry.key, {
      ...entry,
      state: 'UNCERTAIN',
      error,
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
          ...{
            stepId: step.id,
            effectId: request.decisionRequestId,
            title: stepTitle(step.tool, tool),
            state: 'waiting',
          },
          ...{ startedAt: startedAt.toISOString(), reason, approval: 'NOT_REQUIRED', text },
        },
      },
      calls: [inline({ ...entry, startedAt, state: 'UNCERTAIN', endedAt: now }, entry.args, entry.output)],
    });
    this.noteEffect(tool.name);
    return { kind: 'waiting' };
  }

  /**
   * Notes how events show an ended call.
   * @param rendered the call, or its ledger key when the ledger has its output
   * @param wrote the tool, where it changed something or may have
   * @returns the outcome
   */
  end(key: string, rendered: StoredCall, wrote: string | null | false, outcome: CallOutcome): CallOutcome {
    this.#renderedCalls.set(key, this.#withApproval(key, rendered));
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
