import { CallBudget } from '@errand/basics/call-budget';
import { sha256 } from '@errand/basics/sha256';
import { type CallInWords, hasChanged, type Json, type ToolOutcome } from '@errand/contracts';
import { jsonText, type LedgerEntry, storable } from '@errand/db';
import { ASK, type CallOutcome, canonicalJson, type Invocation, toolLabel } from '@errand/plan';
import type { CallInput, RunIdentity } from '@errand/ports/toolbox';
import type { Approvals, Judged } from '../../decisions/ask/approvals.ts';
import type { Consents } from '../../decisions/ask/consents.ts';
import { declined, type Inputs } from '../../decisions/ask/inputs.ts';
import { underWay } from '../../events/progress.ts';
import { failedText, inline } from '../../events/step-text.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import type { Outputs } from '../outputs.ts';
import type { StepStarts } from '../step-starts.ts';
import { drained, pause } from './call-policy.ts';
import { DoneCalls } from './done-calls.ts';
import type { Call } from './in-flight.ts';
import type { PreviousCalls } from './previous-calls.ts';
import type { QuestionSteps } from './question-steps.ts';
import { reach } from './reach.ts';

type Failure = Extract<ToolOutcome, { ok: false }>;
/** A call on its way; with the answers with which it goes on if it had to ask. */
type Sent = Call & { input?: CallInput | undefined; declinedBy?: string; again?: boolean };

type CallerDeps = Pick<
  ActivationDeps,
  | 'toolbox'
  | 'writer'
  | 'budget'
  | 'signal'
  | 'now'
  | 'progress'
  | 'policy'
  | 'approvals'
  | 'faults'
  | 'waitUntilSeenAlive'
> & {
  /** Fingerprints of the tools as they were when the plan was made. */
  fingerprints: Readonly<Record<string, string>>;
  outputs: Outputs;
  consents: Consents;
  questionSteps: QuestionSteps;
  inputs: Inputs;
  starts: StepStarts;
  /** A call in words, for the human who is asked about it. */
  inWords: (invocation: Invocation) => Promise<CallInWords>;
};

/**
 * Makes the calls of one activation. A call that the ledger has as finished is not made again: its output is read back. A read is
 * recorded when it has ended. A write is recorded as INTENDED, with everything before it, before it is sent.
 */
export class Caller {
  readonly #run: RunIdentity;
  readonly #previousCalls: PreviousCalls;
  readonly #deps: CallerDeps;

  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #begun = new Set<string>();
  /** Calls of this activation, finished or in flight, by key; with the round in which they were requested. */
  readonly #made = new Map<string, { round: number; outcome: Promise<CallOutcome> }>();
  /** Calls that succeeded, in this activation or before. */
  readonly done = new DoneCalls();
  /** Keys of calls whose arguments were counted in the budget. */
  readonly #counted = new Set<string>();
  #round = 0;

  constructor(run: RunIdentity, previousCalls: PreviousCalls, deps: CallerDeps) {
    this.#run = run;
    this.#previousCalls = previousCalls;
    this.#deps = deps;
  }

  /** Waits until every call that was sent has an outcome; the caller aborts them first. */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** The number of writes that are INTENDED in the ledger and have no outcome yet. */
  get intended(): number {
    return this.#begun.size;
  }

  /** Begins a round: the plan is run again with the decisions that humans have made meanwhile. */
  begin(): void {
    this.#round++;
  }

  /** Makes one call of the plan, or returns its earlier outcome. A call that waited in an earlier round is judged again. */
  async call(invocation: Invocation): Promise<CallOutcome> {
    const round = this.#round;
    const earlier = this.#made.get(invocation.toolCallId);
    if (earlier) {
      const outcome = await earlier.outcome;
      if (outcome.kind !== 'waiting' || earlier.round === round) return outcome;
    }
    const outcome = this.#carryOut(invocation);
    this.#made.set(invocation.toolCallId, { round, outcome });
    return outcome;
  }

  async #carryOut(invocation: Invocation): Promise<CallOutcome> {
    const { step, iteration, toolCallId: key, tool, args: bound, laterPage = false, items = 1 } = invocation;
    const known = this.#previousCalls.row(key);
    const retried = known && this.#previousCalls.isRetried(known);
    // Who allowed the first page allowed them all.
    const begun = laterPage || (known !== undefined && known.state !== 'REFUSED');
    const wanted = storable(bound);
    // Calls in the ledger were counted when the activation began, others in the round that first requested them.
    const tooMuch =
      known || this.#counted.has(key) ? undefined : this.#deps.budget.spendBytes(bytesOf(jsonText(wanted)));
    this.#counted.add(key);
    if (tooMuch) return { kind: 'failed', ...tooMuch };
    const tell = (args: Json) => this.#deps.inWords({ ...invocation, args: args as Invocation['args'] });
    if (tool.name === ASK.name)
      return this.#deps.questionSteps.outcome({ ...invocation, args: wanted as Invocation['args'], tell });
    const repeated = begun ? undefined : this.#previousCalls.repeated(step, tool, sha256(canonicalJson(wanted)));
    if (repeated) return repeated;
    const inWords = () => tell(bound);
    const judged = retried ? undefined : await this.#judge({ key, step, tool, args: wanted, items, begun, inWords });
    if (judged && !judged.go) return judged.outcome;
    // A retry sends the arguments that the human saw.
    const args = retried ? (await this.#previousCalls.toEntry(known)).args : judged!.args;
    const argsSha256 = retried ? known.argsSha256 : sha256(canonicalJson(args));
    const remembered =
      known && !retried
        ? await this.#previousCalls.outcomeFromLedger(known, { step, tool, args, argsSha256, tell })
        : undefined;
    const edited = args === wanted ? {} : { args: args as Invocation['args'] };
    if (remembered) return { ...this.#learn(invocation, args, remembered), ...edited };
    const doneBefore = begun || args === wanted ? undefined : this.#previousCalls.repeated(step, tool, argsSha256);
    if (doneBefore) return { ...doneBefore, ...edited };
    const lacking = this.#deps.consents.judge(tool);
    if (lacking) return lacking;
    const asked = await this.#deps.inputs.judge(key, tool, argsSha256);
    if (asked && 'outcome' in asked) return asked.outcome;

    const fingerprint = this.#deps.fingerprints[tool.name];
    if (fingerprint !== undefined && hasChanged(fingerprint, tool)) {
      const message = `${toolLabel(tool)} has changed since the plan was made.`;
      return { kind: 'failed', code: 'tool_changed', message };
    }
    if (!(await this.#deps.waitUntilSeenAlive(this.#deps.signal))) return { kind: 'stopped' };
    const over = this.#deps.budget.spendCall();
    const entry: LedgerEntry = {
      ...{ key, kind: 'tool', stepId: step.id, iteration: iteration ?? 0, tool: tool.name, args, argsSha256 },
      ...{ effect: tool.effect, state: 'INTENDED' },
      // Derived, so that every attempt at the same write carries the same key, also after a crash.
      idempotencyKey:
        tool.effect === 'write' ? sha256(`${this.#run.runId}\n${key}\n${tool.name}\n${argsSha256}`).slice(0, 40) : null,
      attempts: 0,
      startedAt: known?.startedAt ?? this.#deps.now(),
    };
    this.#deps.starts.note(step.id, entry.startedAt!);
    const mayHaveHappened = known?.state === 'INTENDED';
    const effectKnown = mayHaveHappened ? 'unknown' : 'no';
    const call = { entry, step, tool, mayHaveHappened, tell, ...asked };
    if (over) return this.#failed(call, { ok: false, ...over, retryable: false, effectKnown });
    if (tool.effect === 'write') {
      this.#begun.add(key);
      this.#deps.writer.add({ ledger: entry });
      await this.#deps.writer.flush();
    }
    const sent = this.#send(call).then((outcome) => {
      this.#begun.delete(key);
      return { ...this.#learn(invocation, args, outcome), ...edited };
    });
    this.#inFlight.add(sent);
    return sent.finally(() => {
      this.#inFlight.delete(sent);
      this.#deps.progress.end(this.#run.runId, key);
    });
  }

  // Checks the approval of a call, requests it where needed, and notes it for the events that show the call.
  async #judge(asked: Parameters<Approvals['judge']>[0]): Promise<Judged> {
    const judged = await this.#deps.approvals.judge(asked);
    if (judged.approval) this.#previousCalls.noteApproval(asked.key, judged.approval, judged.approvalId);
    return judged;
  }

  #learn(invocation: Invocation, args: Json, outcome: CallOutcome): CallOutcome {
    if (outcome.kind !== 'done') return outcome;
    this.#deps.approvals.noteRead(invocation.tool);
    if (!invocation.laterPage) this.done.note(invocation, args);
    return outcome;
  }

  async #send(sent: Sent): Promise<CallOutcome> {
    const { entry, tool } = sent;
    const call = { ...sent };
    const { signal, policy, budget, writer, faults, progress, now } = this.#deps;
    const repeatable = tool.effect === 'read' || tool.idempotent;
    const ofCall = CallBudget.ofCall(policy.timeoutMs);
    for (;;) {
      // A process that was frozen continues here: another worker may hold the run by now.
      if (!(await this.#deps.waitUntilSeenAlive(this.#deps.signal))) return this.#unsent(call);
      entry.attempts++;
      writer.add({ usage: { toolCalls: 1 } });
      progress.begin(this.#run.runId, entry.key, underWay(call, now()));
      faults.at('call.before');
      const outcome = await reach(this.#deps, this.#run, { ...call, budget: ofCall });
      faults.at('call.after');
      if (outcome.ok) return this.#done(entry, outcome.output, call.step.pages && outcome.link);
      if (outcome.asks) return this.#asks(call, outcome.asks);
      if (outcome.code === 'credential_missing' && !call.mayHaveHappened) return this.#refused(call, outcome);
      // Once an attempt may have taken effect, a later refusal does not undo it.
      if (outcome.effectKnown === 'unknown') call.mayHaveHappened = true;
      else if (call.mayHaveHappened) outcome.effectKnown = 'unknown';
      if (signal.aborted) {
        const over = budget.failure();
        return over ? this.#failed(call, { ...outcome, ...over }) : this.#aborted(entry, outcome);
      }
      if (outcome.code === 'input_expired' && tool.effect === 'read' && !this.#deps.inputs.wasAgain(entry.key)) {
        // Nothing was changed, so it is asked from the start, once.
        call.input = undefined;
        call.again = true;
        if (budget.spendCall()) return this.#failed(call, outcome);
        continue;
      }
      const mayRetry =
        outcome.retryable && (repeatable || outcome.effectKnown === 'no') && entry.attempts < policy.attempts;
      if (!mayRetry || budget.spendCall()) return this.#failed(call, outcome);
      await pause(this.#delay(entry.attempts, outcome), signal);
    }
  }

  // Nothing was sent: the ledger says so, and the next activation makes the call without asking a human.
  #unsent({ entry, mayHaveHappened }: Call): CallOutcome {
    if (entry.attempts === 0 && !mayHaveHappened) this.#deps.writer.recordLate({ ...entry, state: 'REFUSED' });
    return { kind: 'stopped' };
  }

  #delay(attempts: number, outcome: Failure): number {
    const { backoffMs, maxBackoffMs } = this.#deps.policy;
    const grown = backoffMs * 4 ** (attempts - 1) * (0.75 + Math.random() / 2);
    return Math.min(Math.max(grown, outcome.retryAfterMs ?? 0), maxBackoffMs);
  }

  // From here on only the JSON text of the answer stays in memory until it is written.
  #done(entry: LedgerEntry, answer: Json, link: Json | undefined): Promise<CallOutcome> {
    const { budget, outputs, writer } = this.#deps;
    const output = outputs.fresh(entry.key, answer);
    budget.spendBytes(output.bytes);
    const more = link === undefined ? {} : { link };
    writer.add({ ledger: { ...entry, state: 'DONE', output: output.text, ...more } });
    const done = { kind: 'done', output, ...more } as const;
    const outcome = this.#previousCalls.end(entry.key, entry.key, entry.effect === 'write' && entry.tool, done);
    return outputs.settle().then(() => outcome);
  }

  // The service asks the user first: the call goes on once there is an answer, in whatever process.
  async #asks(call: Sent, asks: NonNullable<Failure['asks']>): Promise<CallOutcome> {
    const fault = await this.#deps.inputs.ask(call, asks, call.again);
    return fault
      ? this.#failed(call, { ok: false, ...fault, retryable: false, effectKnown: 'no' })
      : { kind: 'waiting' };
  }

  // The service refused the call because a credential is missing: it is made once there is one.
  #refused({ entry, tool }: Call, outcome: Failure): CallOutcome {
    const error = { code: outcome.code, message: outcome.message, retryable: true };
    if (entry.effect === 'write') this.#deps.writer.add({ ledger: { ...entry, state: 'REFUSED', error } });
    return this.#deps.consents.refused(tool, outcome.scopes && outcome.message);
  }

  async #failed(call: Sent, answered: Failure): Promise<CallOutcome> {
    const { entry } = call;
    const outcome = call.declinedBy === undefined ? answered : declined(answered, call.declinedBy);
    const uncertain = entry.effect === 'write' && outcome.effectKnown === 'unknown';
    const error = { code: outcome.code, message: outcome.message, retryable: outcome.retryable };
    const output = outcome.output === undefined ? undefined : jsonText(outcome.output);
    this.#deps.budget.spendBytes(bytesOf(output ?? ''));
    // A run without budget ends: no decision is requested.
    if (uncertain && !this.#deps.budget.exhausted)
      return this.#previousCalls.ask({ ...call, entry: { ...entry, error, output } });
    const ended: LedgerEntry = { ...entry, state: uncertain ? 'UNCERTAIN' : 'FAILED', error, output };
    this.#deps.writer.add({ ledger: ended });
    // When a limit of the run ended the call, the message does not blame the tool.
    const message = this.#deps.budget.exhausted ? error.message : failedText(call.tool, error.message);
    const failure = { kind: 'failed', code: error.code, message } as const;
    const rendered = { ...ended, endedAt: this.#deps.now() };
    return this.#previousCalls.end(entry.key, inline(rendered, entry.args, output), uncertain && entry.tool, failure);
  }

  // The run was cancelled or claimed by another worker during the call. Only the ledger records that a write may have taken effect.
  #aborted(entry: LedgerEntry, outcome: Failure): CallOutcome {
    if (entry.effect === 'write' && outcome.effectKnown === 'unknown') this.#previousCalls.noteEffect(entry.tool);
    if (entry.effect === 'write' && this.#deps.signal.reason !== drained) {
      this.#deps.writer.recordLate({
        ...entry,
        state: outcome.effectKnown === 'no' ? 'FAILED' : 'UNCERTAIN',
        error: { code: outcome.code, message: outcome.message },
      });
    }
    return { kind: 'stopped' };
  }
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
