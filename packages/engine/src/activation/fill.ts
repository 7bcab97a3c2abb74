import { sha256 } from '@errand/basics/sha256';
import type { Json, Planner, TokenUsage } from '@errand/contracts';
import { type Claim, jsonText, storable } from '@errand/db';
import { canonicalJson, type FillAsk, type FillOutcome } from '@errand/plan';
import type { Log } from '../ports.ts';
import type { Budgeter } from './budget.ts';
import type { Outputs } from './outputs.ts';
import type { ActivationWriter } from './writer.ts';

type Deps = { writer: ActivationWriter; budget: Budgeter; outputs: Outputs; signal: AbortSignal; log: Log };

/** Makes the function that lets a model write values. Each is written once: the ledger keeps the answer. */
export function filler(claim: Claim, deps: Deps, fill: NonNullable<Planner['fill']>) {
  const known = new Map(claim.ledger.filter((row) => row.kind === 'model').map((row) => [row.key, row]));
  const asked = new Map<string, Promise<FillOutcome>>();
  return async (ask: FillAsk): Promise<FillOutcome> => {
    const { stepId, iteration, pointer, prompt, outputs } = ask;
    const key = `fill:${stepId ?? 'result'}${iteration === null ? '' : `.${iteration}`}:${pointer}`;
    const argsSha256 = sha256(canonicalJson({ prompt, outputs }));
    const row = known.get(key);
    if (row?.state === 'DONE' && row.argsSha256 === argsSha256) {
      const stored = deps.outputs.stored(key, row.outputBytes ?? 4);
      return deps.outputs.withTexts([stored], async ([text]) => ({ kind: 'done', value: JSON.parse(text!) as Json }));
    }
    const name = `${key} ${argsSha256}`;
    const answer = asked.get(name) ?? fillIn(ask, key, argsSha256);
    asked.set(name, answer);
    return answer;
  };

  async function fillIn(ask: FillAsk, key: string, argsSha256: string): Promise<FillOutcome> {
    const { stepId, iteration, prompt, schema, outputs } = ask;
    const over = deps.budget.failure();
    if (over) return { kind: 'failed', ...over };
    const { intent, context, createdAt } = claim.run;
    const request = { intent, context, now: createdAt.toISOString(), prompt, schema, outputs, signal: deps.signal };
    try {
      const { value, usage } = await fill(request);
      const output = storable(value);
      const text = jsonText(output);
      deps.budget.spendBytes(Buffer.byteLength(text));
      deps.budget.spendTokens(usage.inputTokens + usage.outputTokens);
      const entry = {
        key,
        kind: 'model',
        stepId,
        iteration: iteration ?? 0,
        tool: null,
        args: { prompt },
        argsSha256,
      } as const;
      deps.writer.add({
        usage,
        ledger: { ...entry, ...usage, effect: 'read', state: 'DONE', output: text, idempotencyKey: null, attempts: 1 },
      });
      return { kind: 'done', value: output };
    } catch (error) {
      if (deps.signal.aborted && !deps.budget.exhausted) return { kind: 'stopped' };
      deps.writer.add({ usage: usageOf(error) });
      // Planners throw `model_failed` when the model or its endpoint fails; any other error is internal.
      const known = error instanceof Error && (error as { code?: unknown }).code === 'model_failed';
      if (!known) deps.log.error({ err: error, runId: claim.run.runId }, 'A request to the model failed.');
      return {
        kind: 'failed',
        code: 'model_failed',
        message: known ? error.message : 'The request to the model failed.',
      };
    }
  }
}

// A failed request may have used tokens.
function usageOf(error: unknown): TokenUsage {
  const usage = (error as { usage?: Partial<TokenUsage> } | null)?.usage;
  return { inputTokens: usage?.inputTokens ?? 0, outputTokens: usage?.outputTokens ?? 0 };
}
