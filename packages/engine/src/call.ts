import { createHash } from 'node:crypto';
import type { Json, ToolCall, ToolOutcome, ToolSpec } from '@errand/contracts';
import { type LedgerEntry, type LedgerRow, storable } from '@errand/db';
import { type CallEnd, type CallOutcome, canonicalJson, type Invocation } from '@errand/plan';
import type { Budgeter } from './budget.ts';
import { pinOf } from './envelope.ts';
import type { StoredCall } from './frame.ts';
import type { Toolbox } from './ports.ts';
import type { ActivationWriter } from './writer.ts';

/** How often, and how long, calls are tried. */
export type CallPolicy = { timeoutMs: number; attempts: number; backoffMs: number; maxBackoffMs: number };

export const defaultCallPolicy: CallPolicy = { timeoutMs: 30_000, attempts: 3, backoffMs: 250, maxBackoffMs: 10_000 };

/** Why calls are aborted when the process drains: the run goes on elsewhere, and what is intended stays intended. */
export const drained = Symbol('drained');

type Failure = Extract<ToolOutcome, { ok: false }>;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Makes the calls of one activation, each at most once for all time: what the ledger knows to be finished is read back. A read
 * is recorded when it has ended. A write is recorded as intended, together with all that it rests on, before it is sent.
 */
export class Caller {
  private readonly known: Map<string, LedgerRow>;
  private readonly shownCalls = new Map<string, StoredCall>();
  /** Calls that changed something, or may have. */
  effects = 0;
  private readonly inFlight = new Set<Promise<unknown>>();

  constructor(
    private readonly run: { workspaceId: string; runId: string; userId: string },
    ledger: readonly LedgerRow[],
    private readonly deps: {
      /** Fingerprints of the tools as they were when the plan was made. */
      pins: Readonly<Record<string, string>>;
      toolbox: Toolbox;
      writer: ActivationWriter;
      budget: Budgeter;
      signal: AbortSignal;
      policy: CallPolicy;
    },
  ) {
    this.known = new Map(ledger.filter((row) => row.kind === 'tool').map((row) => [row.key, row]));
  }

  /** How a call of a step is shown in its event: by its ledger key when its output stands there, else whole. */
  shown({ toolCallId, args, outcome }: CallEnd, tool: string): StoredCall | undefined {
    const known = this.shownCalls.get(toolCallId);
    if (known !== undefined || args === undefined || outcome.kind !== 'failed') return known;
    return inline({ key: toolCallId, tool, error: outcome }, args);
  }

  /** Waits until every call that was sent has an outcome; calls are aborted before. */
  async settle(): Promise<void> {
    while (this.inFlight.size > 0) await Promise.allSettled(this.inFlight);
  }

  /** Carries out one call of the plan, or reads back what came of it. */
  async call({ step, iteration, toolCallId: key, tool, args }: Invocation): Promise<CallOutcome> {
    const argsSha256 = sha256(canonicalJson(args));
    const known = this.known.get(key);
    const remembered = known && this.remember(known, tool, args, argsSha256);
    if (remembered) return remembered;

    const pin = this.deps.pins[tool.name];
    if (pin !== undefined && pin !== pinOf(tool)) {
      return { kind: 'failed', code: 'tool_changed', message: `${tool.name} has changed since the plan was made.` };
    }
    const over = this.deps.budget.spendCall();
    const entry: LedgerEntry = {
      key,
      kind: 'tool',
      stepId: step.id,
      iteration: iteration ?? 0,
      tool: tool.name,
      args: storable(args),
      argsSha256,
      effect: tool.effect,
      state: 'INTENDED',
      // Derived, so that every attempt at the same effect carries the same key, also after a crash.
      idempotencyKey:
        tool.effect === 'write' ? sha256(`${this.run.runId}\n${key}\n${tool.name}\n${argsSha256}`).slice(0, 40) : null,
      attempts: 0,
    };
    // What an earlier activation sent may have happened, whatever comes of this one.
    const unknown = known?.state === 'INTENDED';
    const effectKnown = unknown ? 'unknown' : 'no';
    if (over) return this.failed(entry, { ok: false, ...over, retryable: false, effectKnown }, unknown);
    if (tool.effect === 'write') {
      this.deps.writer.add({ ledger: entry });
      await this.deps.writer.flush();
    }
    const sent = this.send(entry, tool, unknown);
    this.inFlight.add(sent);
    return sent.finally(() => this.inFlight.delete(sent));
  }

  /** What a finished entry tells; undefined when the call must be made (again). */
  private remember(known: LedgerRow, tool: ToolSpec, args: Json, argsSha256: string): CallOutcome | undefined {
    const effect = known.effect === 'write';
    // A read whose arguments came out differently (what it rests on was read again) is another read.
    if (!effect && known.argsSha256 !== argsSha256) return undefined;
    if (known.state === 'DONE') {
      return this.end(known.key, known.key, effect, { kind: 'done', output: known.output });
    }
    if (known.state === 'INTENDED') {
      if (tool.idempotent && known.argsSha256 === argsSha256) return undefined;
      const message = `The service stopped while ${tool.name} was being called; whether it took effect is not known.`;
      const entry: LedgerEntry = { ...known, args, state: 'UNCERTAIN', error: { code: 'effect_uncertain', message } };
      this.deps.writer.add({ ledger: entry });
      return this.end(known.key, inline(entry, args), true, { kind: 'failed', code: 'effect_uncertain', message });
    }
    const error = known.error ?? { code: 'internal', message: 'The call failed.' };
    const failure = { kind: 'failed', code: error.code, message: error.message } as const;
    return this.end(known.key, inline({ ...known, error }, args), known.state === 'UNCERTAIN', failure);
  }

  private async send(entry: LedgerEntry, tool: ToolSpec, unknown: boolean): Promise<CallOutcome> {
    const { toolbox, signal, policy, budget, writer } = this.deps;
    const repeatable = tool.effect === 'read' || tool.idempotent;
    for (;;) {
      entry.attempts++;
      writer.add({ usage: { toolCalls: 1 } });
      const outcome = await toolbox.call({
        ...this.run,
        tool,
        args: entry.args,
        ...(entry.idempotencyKey !== null && { idempotencyKey: entry.idempotencyKey }),
        signal,
        timeoutMs: policy.timeoutMs,
      });
      if (outcome.ok) return this.done(entry, outcome.output);
      // Once an attempt may have taken effect, a later refusal does not undo it.
      if (outcome.effectKnown === 'unknown') unknown = true;
      else if (unknown) outcome.effectKnown = 'unknown';
      if (signal.aborted) {
        const over = budget.failure();
        return over
          ? this.failed(entry, { ...outcome, ...over }, tool.effect === 'write')
          : this.aborted(entry, outcome);
      }
      const again =
        outcome.retryable && (repeatable || outcome.effectKnown === 'no') && entry.attempts < policy.attempts;
      if (!again || budget.spendCall()) return this.failed(entry, outcome, tool.effect === 'write');
      await pause(this.delay(entry.attempts, outcome), signal);
    }
  }

  private delay(attempts: number, outcome: Failure): number {
    const { backoffMs, maxBackoffMs } = this.deps.policy;
    const grown = backoffMs * 4 ** (attempts - 1) * (0.75 + Math.random() / 2);
    return Math.min(Math.max(grown, outcome.retryAfterMs ?? 0), maxBackoffMs);
  }

  private done(entry: LedgerEntry, output: Json): CallOutcome {
    const kept = storable(output);
    this.deps.writer.add({ ledger: { ...entry, state: 'DONE', output: kept } });
    return this.end(entry.key, entry.key, entry.effect === 'write', { kind: 'done', output: kept });
  }

  private failed(entry: LedgerEntry, outcome: Failure, sent: boolean): CallOutcome {
    const uncertain = sent && outcome.effectKnown === 'unknown';
    const error = { code: outcome.code, message: outcome.message, retryable: outcome.retryable };
    const ended: LedgerEntry = {
      ...entry,
      state: uncertain ? 'UNCERTAIN' : 'FAILED',
      error,
      output: outcome.output && storable(outcome.output),
    };
    this.deps.writer.add({ ledger: ended });
    const failure = { kind: 'failed', code: error.code, message: error.message } as const;
    return this.end(entry.key, inline(ended, entry.args), uncertain, failure);
  }

  private end(key: string, shown: StoredCall, effect: boolean, outcome: CallOutcome): CallOutcome {
    this.shownCalls.set(key, shown);
    if (effect) this.effects++;
    return outcome;
  }

  // The run was cancelled or taken over while the call was in flight. A write may have happened: that is noted in the ledger alone.
  private aborted(entry: LedgerEntry, outcome: Failure): CallOutcome {
    if (entry.effect === 'write' && outcome.effectKnown === 'unknown') this.effects++;
    if (entry.effect === 'write' && this.deps.signal.reason !== drained) {
      this.deps.writer.late({
        ...entry,
        state: outcome.effectKnown === 'no' ? 'FAILED' : 'UNCERTAIN',
        error: { code: outcome.code, message: outcome.message },
      });
    }
    return { kind: 'stopped' };
  }
}

// A call that did not succeed is shown as it ended; only outputs stand in the ledger alone.
function inline(
  entry: { key: string; tool: string | null; error?: { code: string; message: string } | null; output?: Json | null },
  args: Json,
): ToolCall {
  return {
    toolCallId: entry.key,
    toolName: entry.tool ?? '',
    toolParameters: args,
    toolResult: {
      approvalResult: { status: 'NOT_REQUIRED', text: 'No approval was required.' },
      executionResult: {
        error: { code: entry.error?.code ?? 'internal', message: entry.error?.message ?? '' },
        ...(entry.output !== undefined && entry.output !== null && { output: entry.output }),
      },
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
