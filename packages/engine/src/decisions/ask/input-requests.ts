import type { Awaitable } from '@errand/basics/awaitable';
import type { InputAnswer, InputRequest, Json, PlanStep, ToolOutcome, ToolSpec } from '@errand/contracts';
import { type LedgerEntry, type NewDecisionRequest, readSealedState, storable } from '@errand/db';
import { type CallOutcome, type Sandbox, type StepError, toolLabel } from '@errand/plan';
import type { CallInput, Toolbox } from '@errand/ports/toolbox';
import type { ActivationWriter } from '../../events/writer.ts';
import type { WritingScope } from '../../model/transition.ts';
import type { DecisionRequests, RequestFields } from './decision-requests.ts';

/** Maximum rounds of one call, and requests of services in a run. */
const MAX_ROUNDS = 8;
const MAX_REQUESTS = 40;

type InputsDeps = {
  scope: WritingScope;
  requests: DecisionRequests;
  writer: ActivationWriter;
  toolbox: Pick<Toolbox, 'sealState'>;
  sandbox: Sandbox;
};

/** The stored form of a request. The requests of one round are numbered, and share round and state. */
export type StoredInput = {
  name: string;
  form: { requestedSchema: Json } | { openUrl: string };
  of: number;
  round: number;
  /** Whether the call was restarted because the service had forgotten its request. */
  again: boolean;
};

/** The next step of a call that asked: it waits, ends, or continues with the answers. */
type InputVerdict = { outcome: CallOutcome } | { input: CallInput; declinedBy?: string };

/** Requests of services to the user during calls, and the answers with which the calls continue. */
export class InputRequests {
  constructor(private readonly deps: InputsDeps) {}

  /** Undefined when the call has asked nothing, or has other arguments by now. */
  judge(key: string, tool: ToolSpec, argsSha256: string): Awaitable<InputVerdict | undefined> {
    const rounds = this.#requestsOf(key);
    const [first] = rounds;
    if (!first) return undefined;
    // A retry starts over, so requests from before it no longer count. Ids sort by time.
    const effect = this.deps.requests.newest('effect', key);
    if (effect && effect.decisionRequestId > first.decisionRequestId) return undefined;
    if (rounds.some(({ decision }) => decision === null)) return { outcome: { kind: 'waiting' } };
    if (first.sha256 !== argsSha256) {
      if (tool.effect === 'read') return undefined;
      const message = `${toolLabel(tool)} did not go on: its arguments differ from those of the call that asked.`;
      return { outcome: { kind: 'failed', code: 'approval_mismatch', message } };
    }
    const open = rounds.find(({ output }) => output === null);
    if (open) return { outcome: { kind: 'failed', ...unansweredInput(open) } };
    return this.#answersOf(rounds, first);
  }

  async #answersOf(rounds: readonly RequestFields[], first: RequestFields): Promise<InputVerdict> {
    const answers = Object.fromEntries(
      rounds.map(({ args, output }) => [storedInput(args).name, output as InputAnswer]),
    );
    const sealed = await readSealedState(this.deps.scope, first.decisionRequestId);
    const declined = rounds.find(({ decision }) => decision === 'deny');
    return {
      input: { answers, ...(sealed && { state: { requestId: first.decisionRequestId, sealed } }) },
      ...(declined && { declinedBy: declined.decidedBy ?? 'Somebody' }),
    };
  }

  /** Whether the call was restarted before. */
  wasRestarted = (key: string): boolean => this.#requestsOf(key).some(({ args }) => storedInput(args).again);

  /**
   * Passes a request of a service to the user.
   * @param isRestart whether the call was restarted
   * @returns the reason for a refusal
   */
  async ask(
    { entry, step, tool }: { entry: LedgerEntry; step: PlanStep; tool: ToolSpec },
    { inputs, state }: NonNullable<Failure['asks']>,
    isRestart = this.wasRestarted(entry.key),
  ): Promise<StepError | undefined> {
    const { requests, writer, sandbox, toolbox, scope } = this.deps;
    const before = this.#requestsOf(entry.key)[0];
    const round = (before ? storedInput(before.args).round : 0) + 1;
    if (round > MAX_ROUNDS) return refusedInput(`It has asked ${MAX_ROUNDS} times, and asks again.`);
    if (requests.requestCount('input') + inputs.length > MAX_REQUESTS)
      return refusedInput(`A run passes on at most ${MAX_REQUESTS} requests of services.`);
    for (const input of inputs) {
      if (!('requestedSchema' in input)) continue;
      const verdict = await sandbox.checkSchema(input.requestedSchema, { dialect: 'tool' });
      if (!verdict.ok) return refusedInput(`Its form cannot be checked: ${verdict.message}`);
    }
    // Nothing is awaited from here on, so that everything is written at once.
    const error = { code: 'input_required', message: 'It asks the user something first.', retryable: true };
    if (entry.effect === 'write') writer.add({ ledger: { ...entry, state: 'REFUSED', error } });
    for (const [n, input] of inputs.entries()) {
      const { form, stored } = toStoredInput(input, { of: inputs.length, round, again: isRestart });
      const text = `${tool.integrationName} asks: ${input.message}`;
      const request: NewDecisionRequest = requests.create({
        kind: 'input',
        key: requestKey(entry.key, n),
        text,
        stepId: step.id,
        tool: tool.name,
        args: stored,
        customerIntegrationId: tool.customerIntegrationId,
        sha256: entry.argsSha256,
      });
      const { decisionRequestId: requestId, expiresAt } = request;
      if (n === 0 && state) request.sealedState = toolbox.sealState(scope.workspaceId, requestId, state);
      const { customerIntegrationId, integrationName } = tool;
      writer.add({
        decisionRequest: request,
        event: {
          type: 'input',
          requestId,
          stepId: step.id,
          customerIntegrationId,
          integrationName,
          text,
          ...form,
          expiresAt: expiresAt!.toISOString(),
        },
      });
    }
    return undefined;
  }

  /** The newest requests of a call. */
  #requestsOf(key: string): RequestFields[] {
    const first = this.deps.requests.newest('input', requestKey(key, 0));
    if (!first) return [];
    return Array.from({ length: storedInput(first.args).of }, (_, n) =>
      this.deps.requests.newest('input', requestKey(key, n)),
    ).filter((request) => request !== undefined);
  }
}

const requestKey = (key: string, n: number): string => `${key} ${n}`;

const storedInput = (args: Json): StoredInput => args as unknown as StoredInput;

function toStoredInput(input: InputRequest, more: Pick<StoredInput, 'of' | 'round' | 'again'>) {
  const form = 'openUrl' in input ? { openUrl: input.openUrl } : { requestedSchema: input.requestedSchema };
  return { form, stored: storable({ name: input.name, form, ...more } as unknown as Json) };
}

const refusedInput = (message: string): StepError => ({ code: 'input_refused', message });

type Failure = Extract<ToolOutcome, { ok: false }>;

/** The failure of a call after a person declined, which explains the service's own error. */
export const toDeclined = (failure: Failure, by: string): Failure =>
  failure.effectKnown === 'unknown' || failure.retryable
    ? failure
    : { ...failure, code: 'input_declined', message: `${by} did not want to answer what it asked. ${failure.message}` };

const unansweredInput = ({ text }: Pick<RequestFields, 'text'>): StepError => ({
  code: 'input_unanswered',
  message: `Nobody answered in time. ${text}`,
});
