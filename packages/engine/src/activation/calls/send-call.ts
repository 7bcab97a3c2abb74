import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import { CallBudget } from '@errand/basics/call-budget';
import type { ToolOutcome } from '@errand/contracts';
import { jsonText, type LedgerEntry } from '@errand/db';
import type { CallOutcome } from '@errand/plan';
import type { Span } from '@errand/ports/observer';
import type { CallInput, RunIdentity, ToolRequest } from '@errand/ports/toolbox';
import type { Consents } from '../../decisions/ask/consents.ts';
import { type InputRequests, toDeclined } from '../../decisions/ask/input-requests.ts';
import { toCallInFlight } from '../../events/progress.ts';
import { failedCall, failedText } from '../../events/step-text.ts';
import type { StepSpans } from '../../observation/step-spans.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import type { Outputs } from '../outputs.ts';
import { noteAttempt } from './attempt-times.ts';
import { drained, MAX_AWAKE_MS, MAX_LIMITED_MS, MAX_OUTAGE_MS, pause } from './call-policy.ts';
import type { PendingCall, PreviousCalls } from './previous-calls.ts';

type Failure = Extract<ToolOutcome, { ok: false }>;

/** wait: until the service takes calls again, which is no attempt. */
type Retry = 'restart' | 'retry' | 'wait';

/**
 * A call to send. `input`: the user's answers to requests of the service. `isRestart`: the call restarts. `isWithheld`: the last attempt
 * was not sent, because this process may have been suspended. `budget`: for all attempts since the last wait for the service.
 */
export type CallToSend = PendingCall & {
  input?: CallInput | undefined;
  declinedBy?: string;
  isRestart?: boolean;
  isWithheld?: boolean;
  budget?: CallBudget | undefined;
};

export type SenderDeps = Pick<
  ActivationDeps,
  | 'toolbox'
  | 'writer'
  | 'budget'
  | 'signal'
  | 'now'
  | 'progress'
  | 'callPolicy'
  | 'faults'
  | 'waitUntilSeenAlive'
  | 'isSeenAlive'
  | 'report'
> & {
  outputs: Outputs;
  consents: Consents;
  inputs: InputRequests;
  /** Undefined if the run is not traced. */
  spans: StepSpans | undefined;
  /** Of the run; undefined if it has made calls before. */
  createdAt: Date | undefined;
  /** Puts the run to sleep once nothing else can be done, for at most this many ms. */
  sleep: (ms: number) => void;
};

/** Attempts of the toolbox within one attempt of a call, so that a short outage of our own leaves no write uncertain. */
const MAX_TOOLBOX_ATTEMPTS = 5;

/** Sends calls, retries them where that is safe, and records their outcomes. */
export class CallSender {
  /** Whether this activation has sent a call. */
  #hasSent = false;

  constructor(
    private readonly run: RunIdentity,
    private readonly previousCalls: PreviousCalls,
    private readonly deps: SenderDeps,
  ) {}

  async send(call: CallToSend): Promise<CallOutcome> {
    const { signal, waitUntilSeenAlive } = this.deps;
    const attempt = { ...call };
    for (;;) {
      // A process that was suspended resumes here, and another worker may hold the run by now.
      const alive = waitUntilSeenAlive(signal);
      if (!(isPromise(alive) ? await alive : alive)) return this.#recordUnsent(attempt);
      const startedAt = this.deps.now();
      const outcome = await this.#attempt(attempt);
      if (attempt.isWithheld) {
        attempt.entry.attempts--;
        continue;
      }
      this.#count(attempt, outcome, startedAt);
      if (outcome.ok) return this.#recordSuccess(attempt, outcome);
      const next = this.#afterFailure(attempt, outcome);
      if (typeof next !== 'string') return next;
      const waiting = await this.#pauseBefore(next, attempt, outcome);
      if (waiting) return waiting;
    }
  }

  /** Waits before the next attempt. @returns the outcome of a call that waits longer than this activation */
  async #pauseBefore(next: Retry, call: CallToSend, outcome: Failure): Promise<CallOutcome | undefined> {
    this.deps.report('callRetried', { why: next, code: outcome.code, ...this.#observed(call) });
    if (next === 'wait') return this.#wait(call, outcome);
    if (next === 'retry') await pause(this.#delay(call.entry.attempts, outcome), this.deps.signal);
    return undefined;
  }

  /** The outcome of a failed attempt, or how the call is tried again. */
  #afterFailure(call: CallToSend, outcome: Failure): Awaitable<CallOutcome> | Retry {
    const { signal, budget } = this.deps;
    const waiting = this.#waitingOutcome(call, outcome);
    if (waiting) return waiting;
    noteUncertainty(call, outcome);
    if (signal.aborted) return this.#recordAborted(call, outcome);
    const next = this.#nextAttempt(call, outcome);
    return !next || (!outcome.unsent && budget.spendCall()) ? this.recordFailure(call, outcome) : next;
  }

  // A call that must wait is no attempt, and one that was not sent is no call.
  #count({ entry }: CallToSend, outcome: ToolOutcome, startedAt: Date): void {
    const { limited = false, unsent = false } = outcome.ok ? {} : outcome;
    if (limited || unsent) entry.attempts--;
    if (unsent) this.deps.writer.add({ usage: { toolCalls: -1 } });
    else noteAttempt(entry, outcome, startedAt, this.deps.now());
  }

  /**
   * Waits until a service takes calls again. Meanwhile nothing is in flight, so the ledger has a write as refused. For a long wait the run
   * is put to sleep. @returns the outcome of the call in this activation; undefined: it is tried again
   */
  async #wait(call: CallToSend, { retryAfterMs, code, message }: Failure): Promise<CallOutcome | undefined> {
    const { writer, signal, sleep } = this.deps;
    const { entry, mayHaveHappened } = call;
    call.budget = undefined;
    const waitMs = retryAfterMs ?? this.#delay(Math.max(1, entry.attempts), {});
    // Repeated anyway, because the service executes it once: it stays intended.
    const isIntended = entry.effect === 'write' && mayHaveHappened;
    const refused: LedgerEntry = { ...entry, state: 'REFUSED', error: { code, message, retryable: true } };
    const isLong = waitMs > MAX_AWAKE_MS;
    if (!isIntended && (isLong || entry.effect === 'write')) writer.add({ ledger: refused });
    if (isLong) {
      sleep(waitMs);
      return { kind: 'waiting' };
    }
    await pause(waitMs, signal);
    if (isIntended || entry.effect === 'read' || signal.aborted) return undefined;
    writer.add({ ledger: entry });
    await writer.flush();
    return undefined;
  }

  async #attempt(call: CallToSend): Promise<ToolOutcome> {
    const { writer, faults, progress, now, signal, callPolicy, isSeenAlive, spans } = this.deps;
    const { entry, tool, input } = call;
    call.isWithheld = false;
    call.budget ??= CallBudget.ofCall(callPolicy.timeoutMs);
    entry.attempts++;
    writer.add({ usage: { toolCalls: 1 } });
    this.#noteFirst();
    progress.begin(this.run.runId, entry.key, toCallInFlight(call, now()));
    faults.at('call.before');
    const { step } = call;
    const span = spans?.beginCall({ step, tool, toolCallId: entry.key, attempt: entry.attempts, args: entry.args });
    const startedAt = performance.now();
    const request = {
      tool,
      span,
      args: entry.args,
      signal,
      // The toolbox may wait, and this process may be suspended meanwhile.
      maySend: () => {
        call.isWithheld = !isSeenAlive();
        return !call.isWithheld;
      },
      budget: call.budget,
      timeoutMs: callPolicy.timeoutMs,
      // Last, because Node 20 takes microseconds to add members after a spread.
      ...this.run,
      ...(entry.idempotencyKey !== null && { idempotencyKey: entry.idempotencyKey }),
      ...(input && { input }),
    };
    const outcome = await this.#callToolbox(request);
    this.#observeEnd(call, outcome, { span, startedAt });
    faults.at('call.after');
    return outcome;
  }

  async #callToolbox(request: ToolRequest): Promise<ToolOutcome> {
    const { toolbox, signal, callPolicy, waitUntilSeenAlive } = this.deps;
    for (let attempt = 1; ; attempt++) {
      try {
        return await toolbox.call(request);
      } catch (error) {
        // The toolbox throws only before it sends anything, so a retry is safe.
        const mayRetry = attempt < MAX_TOOLBOX_ATTEMPTS && !signal.aborted;
        if (mayRetry) await pause(callPolicy.backoffMs * 2 ** attempt, signal);
        if (mayRetry && (await waitUntilSeenAlive(signal))) continue;
        request.span?.end({ error: 'internal' });
        throw error;
      }
    }
  }

  #observed({ tool, entry }: CallToSend) {
    const { workspaceId, runId } = this.run;
    return { workspaceId, runId, tool, attempt: entry.attempts };
  }

  #noteFirst(): void {
    const { createdAt, report, now } = this.deps;
    const { workspaceId, runId } = this.run;
    if (!createdAt || this.#hasSent) return;
    this.#hasSent = true;
    report('firstCall', { workspaceId, runId, runAgeMs: now().getTime() - createdAt.getTime() });
  }

  #observeEnd(
    call: CallToSend,
    outcome: ToolOutcome,
    { span, startedAt }: { span: Span | undefined; startedAt: number },
  ): void {
    const { status, output } = outcome;
    const { code, unsent, limited } = outcome.ok ? {} : outcome;
    span?.end({ error: code, status, output });
    this.deps.report('callEnded', {
      ms: performance.now() - startedAt,
      status,
      code,
      unsent: unsent || call.isWithheld,
      limited,
      ...this.#observed(call),
    });
  }

  /** The outcome of a call that waits for its user; undefined after a failure. */
  #waitingOutcome(call: CallToSend, outcome: Failure): Promise<CallOutcome> | CallOutcome | undefined {
    if (outcome.asks) return this.#requestInput(call, outcome.asks);
    if (outcome.code === 'credential_missing' && !call.mayHaveHappened) return this.#requestCredential(call, outcome);
    return undefined;
  }

  /** How the call is retried, if at all. A read restarts once when the service has forgotten its request: nothing was changed. */
  #nextAttempt(call: CallToSend, { code, retryable, effectKnown, limited, unsent }: Failure): Retry | undefined {
    const { entry, tool } = call;
    const { inputs, callPolicy, now } = this.deps;
    if (code === 'input_expired' && tool.effect === 'read' && !inputs.wasRestarted(entry.key)) {
      call.input = undefined;
      call.isRestart = true;
      return 'restart';
    }
    const isRepeatable = tool.effect === 'read' || tool.idempotent || effectKnown === 'no';
    if (isRepeatable && (limited || unsent)) {
      const waitedMs = now().getTime() - entry.startedAt!.getTime();
      return waitedMs < (limited ? MAX_LIMITED_MS : MAX_OUTAGE_MS) ? 'wait' : undefined;
    }
    return retryable && isRepeatable && entry.attempts < callPolicy.attempts ? 'retry' : undefined;
  }

  #delay(attempts: number, { retryAfterMs = 0 }: Pick<Failure, 'retryAfterMs'>): number {
    const { backoffMs, maxBackoffMs } = this.deps.callPolicy;
    const backoff = backoffMs * 4 ** (attempts - 1) * (0.75 + Math.random() / 2);
    return Math.min(Math.max(backoff, retryAfterMs), maxBackoffMs);
  }

  // Nothing was sent: the ledger records that, and the next activation makes the call without asking a human.
  #recordUnsent({ entry, mayHaveHappened }: CallToSend): CallOutcome {
    if (entry.attempts === 0 && !mayHaveHappened) this.deps.writer.recordLate({ ...entry, state: 'REFUSED' });
    return { kind: 'stopped' };
  }

  // From here on only the JSON text of the answer stays in memory until it is written.
  #recordSuccess({ entry, step }: CallToSend, answer: Extract<ToolOutcome, { ok: true }>): Awaitable<CallOutcome> {
    const { budget, outputs, writer } = this.deps;
    const output = outputs.addNew(entry.key, answer.output, answer.outputText);
    budget.spendBytes(output.bytes);
    const nextPage = step.pages && answer.link !== undefined ? { link: answer.link } : {};
    writer.add({ ledger: { ...entry, state: 'DONE', output: output.text, ...nextPage } });
    const outcome = this.previousCalls.recordEnd(entry.key, {
      writingTool: entry.effect === 'write' ? entry.tool : undefined,
      outcome: { kind: 'done', output, ...nextPage },
    });
    return chain(outputs.limitUnwritten(), () => outcome);
  }

  // The service asks the user first: the call continues after the answer, in any process.
  async #requestInput(call: CallToSend, asks: NonNullable<Failure['asks']>): Promise<CallOutcome> {
    const fault = await this.deps.inputs.ask(call, asks, call.isRestart);
    if (!fault) return { kind: 'waiting' };
    return this.recordFailure(call, { ok: false, ...fault, retryable: false, effectKnown: 'no' });
  }

  // The service rejected the call for lack of a credential: repeat it once there is one.
  #requestCredential({ entry, tool }: CallToSend, outcome: Failure): CallOutcome {
    const error = { code: outcome.code, message: outcome.message, retryable: true };
    if (entry.effect === 'write') this.deps.writer.add({ ledger: { ...entry, state: 'REFUSED', error } });
    return this.deps.consents.requestAgain(tool, outcome.scopes && outcome.message);
  }

  /** Records a call that failed, and requests a decision if it may have taken effect. */
  async recordFailure(call: CallToSend, answer: Failure): Promise<CallOutcome> {
    const { budget, writer, now } = this.deps;
    const { entry } = call;
    const outcome = call.declinedBy === undefined ? answer : toDeclined(answer, call.declinedBy);
    const isUncertain = entry.effect === 'write' && outcome.effectKnown === 'unknown';
    const error = { code: outcome.code, message: outcome.message, retryable: outcome.retryable };
    const output = outcome.output === undefined ? undefined : jsonText(outcome.output);
    budget.spendBytes(Buffer.byteLength(output ?? ''));
    // A run without budget ends, so it requests no decision.
    if (isUncertain && !budget.exhausted)
      return this.previousCalls.requestDecision({ ...call, entry: { ...entry, error, output } });
    const ended: LedgerEntry = { ...entry, state: isUncertain ? 'UNCERTAIN' : 'FAILED', error, output };
    writer.add({ ledger: ended });
    const status = error.code === 'upstream_error' ? ended.status : undefined;
    // If a limit of the run ended the call, the message must not blame the tool.
    const message = budget.exhausted ? error.message : failedText(call.tool, error.message);
    return this.previousCalls.recordEnd(entry.key, {
      view: failedCall({ ...ended, endedAt: now() }, entry.args, output),
      writingTool: isUncertain ? entry.tool : undefined,
      outcome: { kind: 'failed', code: error.code, message, ...(status !== undefined && { values: { status } }) },
    });
  }

  // A limit of the run, a cancellation or another worker ended the call. In the last two cases only the ledger can record that a write may
  // have taken effect.
  #recordAborted(call: CallToSend, outcome: Failure): Promise<CallOutcome> | CallOutcome {
    const { budget, signal, writer } = this.deps;
    const exhausted = budget.failure();
    if (exhausted) return this.recordFailure(call, { ...outcome, ...exhausted });
    const { entry } = call;
    if (entry.effect === 'write' && outcome.effectKnown === 'unknown')
      this.previousCalls.noteEffect(entry.key, entry.tool);
    if (entry.effect === 'write' && signal.reason !== drained) {
      writer.recordLate({
        ...entry,
        state: stateOfAborted(outcome),
        error: { code: outcome.code, message: outcome.message },
      });
    }
    return { kind: 'stopped' };
  }
}

/** A call that was aborted before it took effect is made again, because the next activation may belong to a run that nobody cancelled. */
function stateOfAborted({ effectKnown, code }: Failure): LedgerEntry['state'] {
  if (effectKnown !== 'no') return 'UNCERTAIN';
  return code === 'canceled' ? 'REFUSED' : 'FAILED';
}

// A later refusal does not undo an attempt that may have taken effect.
function noteUncertainty(call: CallToSend, outcome: Failure): void {
  if (outcome.effectKnown === 'unknown') call.mayHaveHappened = true;
  else if (call.mayHaveHappened) outcome.effectKnown = 'unknown';
}
