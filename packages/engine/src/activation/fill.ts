import type { Awaitable } from '@errand/basics/awaitable';
import { sha256 } from '@errand/basics/sha256';
import type { FillAnswer, Json, TokenUsage } from '@errand/contracts';
import { type Claim, jsonText, type LedgerRow, storable } from '@errand/db';
import { canonicalJson, type FillBatch, type FillOutcome, type FillRequest, type StepError } from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import type { ActivationDeps } from './activation-deps.ts';
import type { Outputs } from './outputs.ts';

type FillerDeps = Pick<ActivationDeps, 'writer' | 'budget' | 'signal' | 'log' | 'span' | 'report'> & {
  workspaceId: string;
} & { outputs: Outputs };
type FilledValue = { value: Json } | { failed: StepError };
type Answers = readonly FilledValue[] | 'stopped';
/** A value to write, with its ledger key and a hash of its dependencies. */
type ValueRequest = FillRequest & { key: string; argsSha256: string };

/** Lets a model write values. The ledger stores each answer, so no value is requested twice. */
export class ValueFiller {
  readonly #rows: ReadonlyMap<string, LedgerRow>;
  /** Answers of this activation, with their index in the request to the model. */
  readonly #requested = new Map<string, { answers: Promise<Answers>; at: number }>();

  constructor(
    private readonly run: Claim['run'],
    ledger: readonly LedgerRow[],
    private readonly deps: FillerDeps,
    private readonly requestValues: NonNullable<Planner['fill']>,
  ) {
    this.#rows = new Map(ledger.filter((row) => row.kind === 'model').map((row) => [row.key, row]));
  }

  readonly fill = async (ask: FillBatch): Promise<FillOutcome> => {
    const requests = ask.values.map((value) => toRequest(ask, value));
    const unknown = requests.filter(
      (request) => this.#storedRow(request) === undefined && !this.#requested.has(requestName(request)),
    );
    if (unknown.length > 0) {
      const answers = this.#askModel(ask, unknown);
      for (const [at, request] of unknown.entries()) this.#requested.set(requestName(request), { answers, at });
    }
    const values: FilledValue[] = [];
    for (const request of requests) {
      const row = this.#storedRow(request);
      const requested = this.#requested.get(requestName(request));
      const answers = requested && (await requested.answers);
      if (answers === 'stopped') return { kind: 'stopped' };
      values.push(row ? { value: await this.#read(row) } : answers![requested!.at]!);
    }
    return { kind: 'done', values };
  };

  #storedRow({ key, argsSha256 }: ValueRequest): LedgerRow | undefined {
    const row = this.#rows.get(key);
    return row?.state === 'DONE' && row.argsSha256 === argsSha256 ? row : undefined;
  }

  #read({ key, outputBytes }: LedgerRow): Awaitable<Json> {
    const { outputs } = this.deps;
    return outputs.withTexts([outputs.fromLedger(key, outputBytes ?? 4)], ([text]) => JSON.parse(text!) as Json);
  }

  async #askModel({ stepId, outputs }: FillBatch, requests: readonly ValueRequest[]): Promise<Answers> {
    const { budget, signal, span } = this.deps;
    const exhausted = budget.failure();
    if (exhausted) return requests.map(() => ({ failed: exhausted }));
    const { intent, context, createdAt, user } = this.run;
    const values = requests.map(({ prompt, schema, item, iteration }) => ({
      prompt,
      ...(schema !== undefined && { schema }),
      ...(item !== undefined && { item: { index: iteration ?? 0, text: item } }),
    }));
    const now = createdAt.toISOString();
    let answer: FillAnswer;
    try {
      answer = await this.requestValues({ intent, context, now, values, outputs, signal, span, ...(user && { user }) });
    } catch (error) {
      if (signal.aborted && !budget.exhausted) return 'stopped';
      this.#charge(usageOf(error));
      const failed = { code: 'model_failed', message: this.#messageOf(error) };
      return requests.map(() => ({ failed }));
    }
    const { usage } = answer;
    budget.spendTokens(usage.inputTokens + usage.outputTokens);
    this.#charge(usage);
    return answer.values.map((answered, index) => {
      if ('none' in answered)
        return { failed: { code: 'model_failed', message: `The model cannot tell the value: ${answered.none}` } };
      // The tokens of a request are counted once, with its first value.
      return this.#record(stepId, requests[index]!, answered.value, index === 0 ? usage : undefined);
    });
  }

  #charge(usage: Partial<TokenUsage>): void {
    const { writer, report, workspaceId } = this.deps;
    writer.add({ usage });
    report('modelAsked', { workspaceId, runId: this.run.runId, purpose: 'fill', usage });
  }

  #record(stepId: string | null, request: ValueRequest, answer: Json, usage: TokenUsage | undefined): FilledValue {
    const { key, argsSha256, prompt, iteration } = request;
    const value = storable(answer);
    const output = jsonText(value);
    this.deps.budget.spendBytes(Buffer.byteLength(output));
    const entry = { key, kind: 'model', stepId, iteration: iteration ?? 0, tool: null, argsSha256 } as const;
    const done = { effect: 'read', state: 'DONE', output, idempotencyKey: null, attempts: 1 } as const;
    this.deps.writer.add({ ledger: { ...entry, ...done, args: { prompt }, ...usage } });
    return { value };
  }

  #messageOf(error: unknown): string {
    // Planners throw `model_failed` when the model or its endpoint fails; any other error is internal.
    if (error instanceof Error && (error as { code?: unknown }).code === 'model_failed') return error.message;
    this.deps.log.error({ err: error, runId: this.run.runId }, 'A request to the model failed.');
    return 'The request to the model failed.';
  }
}

function toRequest({ stepId, outputs }: FillBatch, value: FillRequest): ValueRequest {
  const { iteration, pointer, prompt, item } = value;
  const key = `fill:${stepId ?? 'result'}${iteration === null ? '' : `.${iteration}`}:${pointer}`;
  return { ...value, key, argsSha256: sha256(canonicalJson({ prompt, outputs, ...(item !== undefined && { item }) })) };
}

const requestName = ({ key, argsSha256 }: ValueRequest): string => `${key} ${argsSha256}`;

// A failed request may have used tokens.
const usageOf = (error: unknown): Partial<TokenUsage> => (error as { usage?: Partial<TokenUsage> } | null)?.usage ?? {};
