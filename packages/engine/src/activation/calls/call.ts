import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import { sha256 } from '@errand/basics/sha256';
import { type CallInWords, hasChanged, type Json, type Plan, type ToolSpec } from '@errand/contracts';
import { jsonText, type LedgerEntry, type LedgerRow, storable } from '@errand/db';
import {
  ASK,
  type CallOutcome,
  type CallWithArgs,
  canonicalJson,
  type DoneStep,
  type Invocation,
  toolLabel,
} from '@errand/plan';
import type { RunIdentity } from '@errand/ports/toolbox';
import type { CallVerdict } from '../../decisions/ask/approvals.ts';
import { restoredText } from '../../events/step-text.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import { attemptsBefore } from './attempt-times.ts';
import type { DescribeCall, PreviousCalls } from './previous-calls.ts';
import { questionOutcome } from './question-step.ts';
import { CallSender, type CallToSend, type SenderDeps } from './send-call.ts';

type CallerDeps = SenderDeps &
  Pick<ActivationDeps, 'approvals' | 'requests'> & {
    /** Fingerprints of the tools when the plan was made. */
    fingerprints: Readonly<Record<string, string>>;
    /** Describes a call for the human who must decide about it. */
    describeCall: (invocation: Invocation) => Promise<CallInWords>;
  };

/** A call that the plan requests, with its ledger row from an earlier activation. */
type RequestedCall = {
  invocation: Invocation;
  key: string;
  /** The arguments as the plan computes them, in the form that the database stores. */
  args: Json;
  row: LedgerRow | undefined;
  /** Whether a human decided to make the uncertain call again. */
  isRetry: boolean;
  wasAllowed: boolean;
  describe: DescribeCall;
};

/** A call that may be made with these arguments, which a human may have edited. */
type AllowedCall = RequestedCall & { argsSha256: string; edits: { args?: Invocation['args'] } };

/** `input`: the answers with which a call continues. */
type ReadyCall = Pick<CallToSend, 'input' | 'declinedBy'>;

/**
 * Makes the calls of one activation. It does not repeat a call that the ledger has as finished: it reads the output back.
 * It records a read after its end. It records a write as INTENDED before sending it.
 */
export class Caller {
  readonly #sender: CallSender;

  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #intended = new Set<string>();
  /** Calls of this activation, finished or in flight, by key, with the round that requested them. */
  readonly #outcomes = new Map<string, { round: number; outcome: Promise<CallOutcome> }>();
  /** Calls that succeeded, including those of earlier activations. */
  readonly succeeded = new SucceededCalls();
  /** Keys of calls whose arguments were counted in the budget. */
  readonly #counted = new Set<string>();
  #round = 0;

  constructor(
    private readonly run: RunIdentity,
    private readonly previousCalls: PreviousCalls,
    private readonly deps: CallerDeps,
  ) {
    this.#sender = new CallSender(run, previousCalls, deps);
  }

  /** Waits until every call that was sent has an outcome; the caller must abort them first. */
  async waitForCalls(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** The number of writes that are INTENDED in the ledger and have no outcome yet. */
  get intended(): number {
    return this.#intended.size;
  }

  /** Begins a round: the plan runs again with the new decisions of humans. */
  beginRound(): void {
    this.#round++;
  }

  /** Makes one call of the plan, or returns its earlier outcome. A call that waited in an earlier round is judged again. */
  call(invocation: Invocation): Promise<CallOutcome> {
    const round = this.#round;
    const begin = () => {
      const outcome = this.#decideAndSend(this.#toRequested(invocation));
      this.#outcomes.set(invocation.toolCallId, { round, outcome });
      return outcome;
    };
    const earlier = this.#outcomes.get(invocation.toolCallId);
    if (!earlier) return begin();
    return earlier.outcome.then((outcome) =>
      outcome.kind !== 'waiting' || earlier.round === round ? outcome : begin(),
    );
  }

  async #decideAndSend(requested: RequestedCall): Promise<CallOutcome> {
    const unmade = this.#outcomeWithoutCall(requested);
    if (unmade) return unmade;
    const verdict = this.#approve(requested);
    const allowed = isPromise(verdict) ? await verdict : verdict;
    if ('kind' in allowed) return allowed;
    const recorded = this.#earlierOutcome(allowed);
    const earlier = isPromise(recorded) ? await recorded : recorded;
    if (earlier) return { ...earlier, ...allowed.edits };
    const checked = this.#checkReady(allowed);
    const ready = isPromise(checked) ? await checked : checked;
    if ('kind' in ready) return ready;
    return this.#send(allowed, ready);
  }

  #toRequested(invocation: Invocation): RequestedCall {
    const { toolCallId: key, args, laterPage = false } = invocation;
    const row = this.previousCalls.row(key);
    return {
      invocation,
      key,
      args: storable(args),
      row,
      isRetry: row !== undefined && this.previousCalls.isRetried(row),
      // The approval of the first page covers all pages.
      wasAllowed: laterPage || (row !== undefined && row.state !== 'REFUSED'),
      describe: (described) => this.deps.describeCall({ ...invocation, args: described as Invocation['args'] }),
    };
  }

  // Step 1: outcomes without a call to a service: budget exhausted, a question, a write that an earlier plan has made.
  #outcomeWithoutCall(requested: RequestedCall): Awaitable<CallOutcome> | undefined {
    const { invocation, key, args, row, wasAllowed, describe } = requested;
    const { step, tool } = invocation;
    // Calls in the ledger were counted when the activation began, others in the round that first requested them.
    const isCounted = row !== undefined || this.#counted.has(key);
    const exhausted = isCounted ? undefined : this.deps.budget.spendBytes(Buffer.byteLength(jsonText(args)));
    this.#counted.add(key);
    if (exhausted) return { kind: 'failed' as const, ...exhausted };
    if (tool.name === ASK.name) {
      const question = { ...invocation, args: args as Invocation['args'], describe };
      return questionOutcome(this.deps, this.previousCalls, question);
    }
    return wasAllowed ? undefined : this.previousCalls.repeatedWrite(step, tool, sha256(canonicalJson(args)));
  }

  // Step 2: the approval, which may edit the arguments. A retry sends the arguments that the human saw.
  #approve(call: RequestedCall): Awaitable<AllowedCall | CallOutcome> {
    const { invocation, key, args, row, wasAllowed, describe } = call;
    if (row && call.isRetry) return this.#allowRetry(call, row);
    const { step, tool, itemCount = 1 } = invocation;
    const inWords = () => describe(invocation.args);
    return chain(this.deps.approvals.judge({ key, step, tool, args, itemCount, wasAllowed, inWords }), (verdict) =>
      this.#applyVerdict(call, verdict),
    );
  }

  async #allowRetry(call: RequestedCall, row: LedgerRow): Promise<AllowedCall> {
    const { args } = await this.previousCalls.toEntry(row);
    return { ...call, args, argsSha256: row.argsSha256, edits: { args: args as Invocation['args'] } };
  }

  #applyVerdict(call: RequestedCall, verdict: CallVerdict): AllowedCall | CallOutcome {
    const { key, args } = call;
    if (verdict.approval) this.previousCalls.views.noteApproval(key, verdict.approval, verdict.approvalId);
    if (!verdict.isAllowed) return verdict.outcome;
    const edits = verdict.args === args ? {} : { args: verdict.args as Invocation['args'] };
    return { ...call, args: verdict.args, argsSha256: sha256(canonicalJson(verdict.args)), edits };
  }

  // Step 3: the outcome in the ledger, of this call or of an equal write of an earlier plan.
  #earlierOutcome(call: AllowedCall): Awaitable<CallOutcome | undefined> {
    const { invocation, row, isRetry, wasAllowed, args, argsSha256, edits, describe } = call;
    const { step, tool } = invocation;
    // Step 1 has compared unedited arguments.
    const repeated = () =>
      wasAllowed || !edits.args ? undefined : this.previousCalls.repeatedWrite(step, tool, argsSha256);
    if (!isRetry && this.previousCalls.mayHaveBeenMadeElsewhere(row, tool)) {
      const error = { code: 'effect_uncertain', message: 'The run was restored from a backup', retryable: false };
      const entry = { ...this.#entryOf(call), error };
      return this.previousCalls.requestDecision({ entry, step, tool, describe, text: restoredText(tool) });
    }
    if (!row || isRetry) return repeated();
    return this.previousCalls
      .outcomeFromLedger(row, { step, tool, args, argsSha256, describe })
      .then((outcome) => (outcome ? this.#noteSuccess(invocation, args, outcome) : repeated()));
  }

  // Step 4: consent, answers to requests of the service, an unchanged tool, and the lease.
  #checkReady(call: AllowedCall): Awaitable<CallOutcome | ReadyCall> {
    const { consents, inputs } = this.deps;
    const { tool } = call.invocation;
    const missingConsent = consents.judge(tool);
    if (missingConsent) return missingConsent;
    return chain(inputs.judge(call.key, tool, call.argsSha256), (input) =>
      input && 'outcome' in input ? input.outcome : this.#checkUnchanged(tool, input ?? {}),
    );
  }

  #checkUnchanged(tool: ToolSpec, input: ReadyCall): Awaitable<CallOutcome | ReadyCall> {
    const { fingerprints, signal, waitUntilSeenAlive } = this.deps;
    const fingerprint = fingerprints[tool.name];
    if (fingerprint !== undefined && hasChanged(fingerprint, tool)) {
      const message = `${toolLabel(tool)} has changed since the plan was made.`;
      return { kind: 'failed', code: 'tool_changed', message };
    }
    return chain(waitUntilSeenAlive(signal), (isAlive) => (isAlive ? input : { kind: 'stopped' }));
  }

  // Step 5: the ledger entry, and the call.
  async #send(call: AllowedCall, input: ReadyCall): Promise<CallOutcome> {
    const { invocation, key, row, args, edits, describe } = call;
    const { step, tool } = invocation;
    const { budget, writer, progress } = this.deps;
    const exhausted = budget.spendCall();
    const entry = this.#entryOf(call);
    this.previousCalls.noteStart(step.id, entry.startedAt!);
    const mayHaveHappened = row?.state === 'INTENDED';
    const callToSend = { entry, step, tool, mayHaveHappened, describe, ...input };
    if (exhausted) {
      const effectKnown = mayHaveHappened ? 'unknown' : 'no';
      return this.#sender.recordFailure(callToSend, { ok: false, ...exhausted, retryable: false, effectKnown });
    }
    if (tool.effect === 'write') {
      this.#intended.add(key);
      writer.add({ ledger: entry });
      await writer.flush();
    }
    const sending = this.#sender.send(callToSend);
    this.#inFlight.add(sending);
    try {
      const outcome = await sending;
      this.#intended.delete(key);
      return { ...this.#noteSuccess(invocation, args, outcome), ...edits };
    } finally {
      this.#inFlight.delete(sending);
      progress.end(this.run.runId, key);
    }
  }

  #entryOf({ invocation, key, row, args, argsSha256 }: AllowedCall): LedgerEntry {
    const { step, tool, iteration } = invocation;
    return {
      key,
      kind: 'tool',
      stepId: step.id,
      iteration: iteration ?? 0,
      tool: tool.name,
      args,
      argsSha256,
      effect: tool.effect,
      state: 'INTENDED',
      // Derived, so that every attempt at the same write has the same key, even after a crash.
      idempotencyKey:
        tool.effect === 'write' ? sha256(`${this.run.runId}\n${key}\n${tool.name}\n${argsSha256}`).slice(0, 40) : null,
      attempts: 0,
      startedAt: row?.startedAt ?? this.deps.now(),
      attemptTimes: row ? attemptsBefore(row, argsSha256) : [],
    };
  }

  #noteSuccess(invocation: Invocation, args: Json, outcome: CallOutcome): CallOutcome {
    if (outcome.kind !== 'done') return outcome;
    this.deps.approvals.noteRead(invocation.tool);
    if (!invocation.laterPage) this.succeeded.note(invocation, args);
    return outcome;
  }
}

/** Calls with stored arguments: of one step, and of a run. */
const MAX_OF_STEP = 3;
const MAX_KNOWN = 12;
/** Maximum characters of arguments or of an item; a call with more is only counted. */
const MAX_LETTERS = 8000;

/** The calls of a run that succeeded, for its summary. */
class SucceededCalls {
  readonly #steps = new Map<string, Omit<DoneStep, 'firstCalls'> & { firstCalls: CallWithArgs[] }>();
  #callsLeft = MAX_KNOWN;

  /** @param args the arguments that were sent: a human may have edited them */
  note({ step, tool, item }: Omit<Invocation, 'args'>, args: Json): void {
    const before = this.#steps.get(step.id) ?? { stepId: step.id, tool, count: 0, firstCalls: [] };
    const letters = Math.max(item?.length ?? 0, before.firstCalls.length < MAX_OF_STEP ? jsonText(args).length : 0);
    if (this.#callsLeft > 0 && before.firstCalls.length < MAX_OF_STEP && letters <= MAX_LETTERS) {
      this.#callsLeft--;
      const call = { step, tool, args: args as { [key: string]: Json } };
      before.firstCalls.push(item === undefined ? call : { ...call, item: JSON.parse(item) as Json });
    }
    this.#steps.set(step.id, { ...before, count: before.count + 1 });
  }

  ofPlan(plan: Plan): DoneStep[] {
    return plan.steps.flatMap(({ id }) => this.#steps.get(id) ?? []);
  }
}
