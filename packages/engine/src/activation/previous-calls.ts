import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import { type LedgerEntry, type LedgerRow, type RunScope, readLedgerEntry } from '@errand/db';
import { type CallEnd, type CallOutcome, type Output, toolLabel } from '@errand/plan';
import type { DecisionRequests } from '../decisions/requests.ts';
import type { ApprovalResult, StoredCall } from '../events/frame.ts';
import type { Outputs } from './outputs.ts';
import { failedText, inline, reasonOf, uncertainText } from './step-text.ts';
import type { ActivationWriter } from './writer.ts';

/** One call under way; `unknown`: an attempt at it may have taken effect. */
export type Call = { entry: LedgerEntry; step: PlanStep; tool: ToolSpec; unknown: boolean };

/** What one activation knows of calls that were made: what came of them, and what must be asked about those that may have happened. */
export class PreviousCalls {
  readonly #requests: DecisionRequests;
  readonly #writer: ActivationWriter;
  readonly #outputs: Outputs;
  readonly #of: { scope: RunScope; runId: string };

  readonly #rows: Map<string, LedgerRow>;
  readonly #shownCalls = new Map<string, StoredCall>();
  readonly #approvals = new Map<string, { approval: ApprovalResult; approvalId?: string }>();
  /** Calls that changed something, or may have. */
  effects = 0;

  constructor(
    ledger: readonly LedgerRow[],
    requests: DecisionRequests,
    writer: ActivationWriter,
    outputs: Outputs,
    of: { scope: RunScope; runId: string },
  ) {
    this.#requests = requests;
    this.#writer = writer;
    this.#outputs = outputs;
    this.#of = of;

    this.#rows = new Map(ledger.filter((row) => row.kind === 'tool').map((row) => [row.key, row]));
    // Also of steps that a later plan left out.
    this.effects = ledger.filter((row) => row.effect === 'write' && happened.has(row.state)).length;
  }

  /** The ledger's entry of a call, when an earlier activation left one. */
  row(key: string): LedgerRow | undefined {
    return this.#rows.get(key);
  }

  /** How a call of a step is shown in its event: by its ledger key when its output stands there, else whole. */
  shown({ toolCallId, args, outcome }: CallEnd, tool: string): StoredCall | undefined {
    const known = this.#shownCalls.get(toolCallId);
    if (known !== undefined || args === undefined || (outcome.kind !== 'failed' && outcome.kind !== 'denied'))
      return known;
    return this.#withApproval(toolCallId, inline({ key: toolCallId, tool, error: outcome }, args));
  }

  /** Notes what was decided about a call, so that it is shown with the call. */
  approve(key: string, approval: ApprovalResult, approvalId?: string): void {
    this.#approvals.set(key, { approval, ...(approvalId !== undefined && { approvalId }) });
  }

  /** What was decided about the calls of a step, the worst first. */
  approvalOf(keys: readonly string[]): { approval: ApprovalResult['status']; approvalId?: string } {
    const all = keys.flatMap((key) => this.#approvals.get(key) ?? []);
    const [one] = all;
    const denied = all.some(({ approval }) => approval.status === 'DENIED');
    const approval = denied ? 'DENIED' : one ? 'APPROVED' : 'NOT_REQUIRED';
    return { approval, ...(all.length === 1 && one?.approvalId !== undefined && { approvalId: one.approvalId }) };
  }

  #withApproval(key: string, shown: StoredCall): StoredCall {
    const approval = this.#approvals.get(key)?.approval;
    if (!approval) return shown;
    if (typeof shown === 'string') return { ref: shown, approval };
    if ('ref' in shown || !shown.toolResult) return shown;
    return { ...shown, toolResult: { ...shown.toolResult, approvalResult: approval } };
  }

  /** Whether a human wants an uncertain call to be made again, and that was not done yet. */
  isRetried(known: LedgerRow): boolean {
    return known.state === 'UNCERTAIN' && this.#requests.about('effect', known.key)?.decision === 'retry';
  }

  /** An entry as the one that replaces it: with its arguments, and what it answered. */
  async again({ error, argsBytes: _, outputBytes: __, refusal: ___, ...row }: LedgerRow): Promise<LedgerEntry> {
    const stored = await readLedgerEntry(this.#of.scope, this.#of.runId, row.key);
    return { ...row, args: stored?.args ?? null, output: stored?.output ?? undefined, error: error ?? undefined };
  }

  /** What a finished entry tells; undefined when the call must be made (again). */
  async remember(
    known: LedgerRow,
    step: PlanStep,
    tool: ToolSpec,
    args: Json,
    argsSha256: string,
  ): Promise<CallOutcome | undefined> {
    const { key } = known;
    const effect = known.effect === 'write';
    // A read whose arguments came out differently (what it rests on was read again) is another read.
    if (!effect && known.argsSha256 !== argsSha256) return undefined;
    const answer = effect ? this.#requests.about('effect', key) : undefined;
    switch (known.state) {
      case 'DONE':
        return this.end(
          key,
          key,
          effect,
          done(this.#answered(known), answer?.decision === 'happened' && !answer.hasOutput),
        );
      case 'INTENDED': {
        if (tool.idempotent && known.argsSha256 === argsSha256) return undefined;
        const message = 'the service stopped while it was being called';
        const error = { code: 'effect_uncertain', message, retryable: false };
        return this.ask({ entry: { ...(await this.again(known)), error }, step, tool, unknown: true });
      }
      case 'UNCERTAIN':
        return this.#resolve(known, step, tool, answer);
      case 'REFUSED':
        return undefined;
      case 'SKIPPED':
        return this.end(key, inline(known, args, known.refusal), true, skipped(tool));
      default: {
        const error = known.error ?? { code: 'internal', message: 'The call failed.' };
        const failure = { kind: 'failed', code: error.code, message: failedText(tool, error.message) } as const;
        return this.end(key, inline({ ...known, error }, args, known.refusal), false, failure);
      }
    }
  }

  #answered({ key, outputBytes }: LedgerRow): Output {
    return outputBytes === null ? this.#outputs.unknown() : this.#outputs.stored(key, outputBytes);
  }

  /** Does what a human decided about an effect that is not known, or goes on waiting. */
  async #resolve(
    known: LedgerRow,
    step: PlanStep,
    tool: ToolSpec,
    answer: ReturnType<DecisionRequests['about']>,
  ): Promise<CallOutcome> {
    switch (answer?.decision) {
      case 'happened': {
        const output = answer.hasOutput ? this.#outputs.fresh(known.key, answer.output) : undefined;
        const entry = await this.again(known);
        this.#writer.add({ ledger: { ...entry, state: 'DONE', error: undefined, output: output?.text } });
        return this.end(known.key, known.key, true, done(output ?? this.#outputs.unknown(), !answer.hasOutput));
      }
      case 'skip': {
        const entry = await this.again(known);
        this.#writer.add({ ledger: { ...entry, state: 'SKIPPED' } });
        return this.end(known.key, inline(entry, entry.args, entry.output), true, skipped(tool));
      }
      case null: {
        this.effects++;
        return { kind: 'waiting' };
      }
      default:
        return this.ask({ entry: await this.again(known), step, tool, unknown: true });
    }
  }

  /** Puts it to a human: the call may have taken effect, and must not be made again without a word. */
  ask({ entry, step, tool }: Call): CallOutcome {
    const text = uncertainText(tool, entry.error?.message);
    const request = this.#requests.request({
      kind: 'effect',
      key: entry.key,
      text,
      stepId: step.id,
      tool: tool.name,
      customerIntegrationId: tool.customerIntegrationId,
      args: entry.args,
      sha256: entry.argsSha256,
    });
    const reason = reasonOf(step, tool);
    const error = entry.error ?? null;
    this.#rows.set(entry.key, {
      ...entry,
      state: 'UNCERTAIN',
      error,
      argsBytes: null,
      outputBytes: null,
      refusal: null,
    });
    this.#writer.add({
      ledger: { ...entry, state: 'UNCERTAIN' },
      waiting: request,
      event: {
        type: 'step',
        step: { stepId: step.id, effectId: request.waitingId, reason, approval: 'NOT_REQUIRED', text },
      },
      calls: [inline(entry, entry.args, entry.output)],
    });
    this.effects++;
    return { kind: 'waiting' };
  }

  end(key: string, shown: StoredCall, effect: boolean, outcome: CallOutcome): CallOutcome {
    this.#shownCalls.set(key, this.#withApproval(key, shown));
    if (effect) this.effects++;
    return outcome;
  }
}

const happened = new Set(['DONE', 'UNCERTAIN', 'SKIPPED']);

const done = (output: Output, unknown: boolean): CallOutcome => ({ kind: 'done', output, ...(unknown && { unknown }) });

const skipped = (tool: ToolSpec): CallOutcome => ({
  kind: 'denied',
  code: 'effect_skipped',
  message: `Whether ${toolLabel(tool)} took effect is not known, and it was decided to go on without it.`,
});
