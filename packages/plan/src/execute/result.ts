import type { Json } from '@errand/contracts';
import type { Reading } from '../check/reading.ts';
import { expressionError } from '../sandbox/expression-error.ts';
import { toPlainJson } from '../sandbox/plain-json.ts';
import { schemaAt } from '../schema/schema-at.ts';
import type { Execution } from './gate.ts';
import { valuesOf } from './hole-values.ts';
import { argumentLabel } from './label.ts';
import type { PlanEnd, StepEnd } from './outcome.ts';
import { fromMemory, outputExcerpts, withStepTexts } from './output.ts';
import { withScope } from './scope.ts';
import { expressionsOf, fillHoles, holesOf } from './template.ts';

type Result = Pick<PlanEnd, 'result' | 'partial' | 'resultError'>;

/**
 * The result of a plan whose steps have all ended. Outputs of steps that did not get done are null in it, and so are bindings
 * that give no value; `partial` tells that a step which the result names did not get done.
 */
export async function resultOf(
  { reading, options, gate }: Execution,
  steps: ReadonlyMap<string, StepEnd>,
): Promise<Result> {
  const { plan } = reading;
  if (plan.result === undefined) {
    const [, last] = [...steps].at(-1)!;
    if (last.output.bytes > MAX_BYTES) return tooLarge(!isGood(last));
    return await withStepTexts([last.output], options.withTexts ?? fromMemory, async ([text]) =>
      within(JSON.parse(text!) as Json, !isGood(last)),
    );
  }
  const holes = holesOf(plan.result);
  const expressions = holes.flatMap(expressionsOf);
  const analyses = expressions.map((expression) => reading.analyses.get(expression));
  const partial = namedBy(analyses, steps).some((end) => !isGood(end));
  const outcomes = await withScope(analyses, options, { ends: steps }, (scope) =>
    options.sandbox.evaluate(
      expressions.map((expression) => ({ expression })),
      scope,
    ),
  );
  if ('ok' in outcomes) {
    const first = expressions[0] ?? '';
    return { partial, resultError: expressionError('The result', '/result', first, outcomes) };
  }
  const found = valuesOf(holes, outcomes);
  if (!found.ok) {
    const { pointer, expression } = found;
    const what = `The result could not be put together: ${pointer === '' ? 'it' : `its part ${argumentLabel(pointer)}`}`;
    return { partial, resultError: expressionError(what, `/result${pointer}`, expression, found) };
  }
  const { values } = found;
  const filled = await fillAll({ reading, options, gate }, plan.result, steps, values);
  if (filled !== undefined) return { partial, resultError: filled };
  return within(fillHoles(plan.result, (hole) => values.get(hole.pointer) ?? null) ?? null, partial);
}

/** Longest result of a plan that names none, in bytes of JSON text: what would be refused is not parsed. */
const MAX_BYTES = 1024 * 1024;

const tooLarge = (partial: boolean): Result => ({
  partial,
  resultError: {
    code: 'expression_failed',
    message: 'The result gives more than 1 MiB; select fewer fields or items.',
  },
});

// Each part is small enough; together they must be, too: a result is a row's column, and part of an event.
function within(result: Json, partial: boolean): Result {
  try {
    toPlainJson(result);
    return { result, partial };
  } catch (error) {
    return { partial, resultError: { code: 'expression_failed', message: `The result ${(error as Error).message}.` } };
  }
}

async function fillAll(
  { options, gate }: Execution,
  template: Json,
  steps: ReadonlyMap<string, StepEnd>,
  values: Map<string, Json>,
): Promise<PlanEnd['resultError']> {
  const fills = holesOf(template).filter((hole) => hole.kind === 'fill');
  if (fills.length === 0) return undefined;
  const { fill, outputSchema } = options;
  if (fill === undefined) {
    return { code: 'model_failed', message: 'The result must be filled in by a model, and none is configured.' };
  }
  const outputs = await outputExcerpts(
    new Map([...steps].map(([id, end]) => [id, end.output])),
    options.withTexts ?? fromMemory,
  );
  const wanted = fills.map(({ pointer, text: prompt }) => {
    const schema = outputSchema && schemaAt(outputSchema, pointer);
    return { iteration: null, pointer, prompt, ...(schema !== undefined && { schema }) };
  });
  const outcome = await gate.run(() => fill({ stepId: null, values: wanted, outputs }));
  for (const [index, { pointer }] of fills.entries()) {
    const one = outcome.values[index]!;
    if ('failed' in one) return { code: one.failed.code, message: one.failed.message };
    values.set(pointer, one.value);
  }
  return undefined;
}

const isGood = (end: StepEnd): boolean => (end.state === 'done' && !end.unknown) || end.state === 'skipped';

function namedBy(
  analyses: readonly ReturnType<Reading['analyses']['get']>[],
  steps: ReadonlyMap<string, StepEnd>,
): StepEnd[] {
  const read = analyses.flatMap((analysis) => (analysis?.ok ? [analysis] : []));
  const ids = new Set(read.flatMap((analysis) => analysis.steps.map((step) => step.id)));
  const whole = read.some((analysis) => analysis.whole);
  return [...steps].filter(([id]) => whole || ids.has(id)).map(([, end]) => end);
}
