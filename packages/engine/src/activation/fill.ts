import { sha256 } from '@errand/basics/sha256';
import type { FillAnswer, Json, TokenUsage } from '@errand/contracts';
import { type Claim, jsonText, type LedgerRow, storable } from '@errand/db';
import { canonicalJson, type FillAsk, type FillOutcome, type FillWanted, type StepError } from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import type { ActivationDeps } from './activation-deps.ts';
import type { Outputs } from './outputs.ts';

type Deps = Pick<ActivationDeps, 'writer' | 'budget' | 'signal' | 'log'> & { outputs: Outputs };
type One = { value: Json } | { failed: StepError };
type Answers = readonly One[] | 'stopped';
/** A value with its key in the ledger, and a hash of what it depends on. */
type Wanted = FillWanted & { key: string; argsSha256: string };

/** Makes the function that lets a model write values. Each is written once: the ledger keeps the answers. */
export function filler(claim: Claim, deps: Deps, fill: NonNullable<Planner['fill']>) {
  const known = new Map(claim.ledger.filter((row) => row.kind === 'model').map((row) => [row.key, row]));
  /** Answers of this activation, and their places in the request that they were asked with. */
  const asked = new Map<string, { answers: Promise<Answers>; at: number }>();

  return async (ask: FillAsk): Promise<FillOutcome> => {
    const wanted = ask.values.map((one) => toWanted(ask, one));
    const unknown = wanted.filter((one) => storedRow(one) === undefined && !asked.has(nameOf(one)));
    if (unknown.length > 0) {
      const answers = askModel(ask, unknown);
      for (const [at, one] of unknown.entries()) asked.set(nameOf(one), { answers, at });
    }
    const values: One[] = [];
    for (const one of wanted) {
      const row = storedRow(one);
      const made = asked.get(nameOf(one));
      const answers = made && (await made.answers);
      if (answers === 'stopped') return { kind: 'stopped' };
      values.push(row ? { value: await read(row) } : answers![made!.at]!);
    }
    return { kind: 'done', values };
  };

  function storedRow({ key, argsSha256 }: Wanted): LedgerRow | undefined {
    const row = known.get(key);
    return row?.state === 'DONE' && row.argsSha256 === argsSha256 ? row : undefined;
  }

  function read({ key, outputBytes }: LedgerRow): Promise<Json> {
    const stored = deps.outputs.stored(key, outputBytes ?? 4);
    return deps.outputs.withTexts([stored], async ([text]) => JSON.parse(text!) as Json);
  }

  async function askModel({ stepId, outputs }: FillAsk, wanted: readonly Wanted[]): Promise<Answers> {
    const over = deps.budget.failure();
    if (over) return wanted.map(() => ({ failed: over }));
    const { intent, context, createdAt, user } = claim.run;
    const values = wanted.map(({ prompt, schema, item, iteration }) => ({
      prompt,
      ...(schema !== undefined && { schema }),
      ...(item !== undefined && { item: { index: iteration ?? 0, text: item } }),
    }));
    const request = {
      intent,
      context,
      now: createdAt.toISOString(),
      values,
      outputs,
      signal: deps.signal,
      ...(user && { user }),
    };
    let answer: FillAnswer;
    try {
      answer = await fill(request);
    } catch (error) {
      if (deps.signal.aborted && !deps.budget.exhausted) return 'stopped';
      deps.writer.add({ usage: usageOf(error) });
      const message = messageOf(error);
      return wanted.map(() => ({ failed: { code: 'model_failed', message } }));
    }
    const { usage } = answer;
    deps.budget.spendTokens(usage.inputTokens + usage.outputTokens);
    deps.writer.add({ usage });
    return answer.values.map((one, index) => {
      if ('none' in one)
        return { failed: { code: 'model_failed', message: `The model cannot tell the value: ${one.none}` } };
      // The tokens of a request stand at its first value alone.
      return keep(stepId, wanted[index]!, one.value, index === 0 ? usage : undefined);
    });
  }

  function keep(stepId: string | null, of: Wanted, answer: Json, usage: TokenUsage | undefined): One {
    const { key, argsSha256, prompt, iteration } = of;
    const value = storable(answer);
    const output = jsonText(value);
    deps.budget.spendBytes(Buffer.byteLength(output));
    const entry = { key, kind: 'model', stepId, iteration: iteration ?? 0, tool: null, argsSha256 } as const;
    const done = { effect: 'read', state: 'DONE', output, idempotencyKey: null, attempts: 1 } as const;
    deps.writer.add({ ledger: { ...entry, ...done, args: { prompt }, ...usage } });
    return { value };
  }

  function messageOf(error: unknown): string {
    // Planners throw `model_failed` when the model or its endpoint fails; any other error is internal.
    if (error instanceof Error && (error as { code?: unknown }).code === 'model_failed') return error.message;
    deps.log.error({ err: error, runId: claim.run.runId }, 'A request to the model failed.');
    return 'The request to the model failed.';
  }
}

function toWanted({ stepId, outputs }: FillAsk, one: FillWanted): Wanted {
  const { iteration, pointer, prompt, item } = one;
  const key = `fill:${stepId ?? 'result'}${iteration === null ? '' : `.${iteration}`}:${pointer}`;
  return { ...one, key, argsSha256: sha256(canonicalJson({ prompt, outputs, ...(item !== undefined && { item }) })) };
}

const nameOf = ({ key, argsSha256 }: Wanted): string => `${key} ${argsSha256}`;

// A failed request may have used tokens.
const usageOf = (error: unknown): Partial<TokenUsage> => (error as { usage?: Partial<TokenUsage> } | null)?.usage ?? {};
