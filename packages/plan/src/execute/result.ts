import type { Json } from '@errand/contracts';
import type { Reading } from '../reading/reading.ts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import { toPlainJson } from '../sandbox/expression/plain-json.ts';
import { schemaAt } from '../schema/schema-at.ts';
import { valuesOf } from '../template/hole-values.ts';
import { expressionsOf, fillHoles, type Hole, holesOf } from '../template/template.ts';
import { argumentLabel } from '../tools/label.ts';
import { expressionError } from './expression-error.ts';
import type { Execution } from './gate.ts';
import { hasNoAnswer, holdsValue, isGood, lostStepOf, missingText, takenApart } from './missing-values.ts';
import type { PlanEnd, StepEnd, StepError } from './outcome.ts';
import { fromMemory, outputExcerpts, withStepTexts } from './output.ts';
import { withScope } from './scope.ts';

type Result = Pick<PlanEnd, 'result' | 'partial' | 'found' | 'missing' | 'resultError'>;

/**
 * The result of a plan whose steps have all ended. A binding that gives no value is null in it. So is one that reads a step without an
 * answer, whatever it computes: `missing` names those. `partial` tells that a step which the result names did not get done.
 */
export async function resultOf(execution: Execution, steps: ReadonlyMap<string, StepEnd>): Promise<Result> {
  const { reading, options } = execution;
  const { plan } = reading;
  if (plan.result === undefined) return await lastOutput(options, [...steps].at(-1)![1]);
  const all = holesOf(plan.result).flatMap(expressionsOf);
  const partial = namedBy(
    all.map((expression) => reading.analyses.get(expression)),
    steps,
  ).some((end) => !isGood(end));
  const lost = new Set([...steps].flatMap(([id, end]) => (hasNoAnswer(end) ? [id] : [])));
  const { sandbox } = options;
  const { template, analyses } =
    lost.size > 0
      ? await takenApart(plan.result, reading.analyses, { lost, sandbox })
      : { template: plan.result, analyses: reading.analyses };
  const holes = holesOf(template);
  const missing = holes.flatMap((hole) => {
    const stepId = lostStepOf(hole, analyses, lost);
    return stepId === undefined ? [] : [{ pointer: hole.pointer, stepId }];
  });
  const nulls = new Set(missing.map(({ pointer }) => pointer));
  const bound = await bindAll(execution, steps, {
    holes: holes.filter(({ pointer }) => !nulls.has(pointer)),
    analyses,
  });
  if ('resultError' in bound) return { partial, resultError: bound.resultError };
  const filled = await fillAll(execution, template, steps, bound.values);
  if (filled !== undefined) return { partial, resultError: filled };
  const result = fillHoles(template, (hole) => bound.values.get(hole.pointer) ?? null) ?? null;
  const found = bound.found || (holes.some(({ kind }) => kind === 'fill') && lost.size < steps.size);
  const named = missingText(missing, { plan, tools: options.tools, steps });
  return { ...within(result, partial), found, ...(named && { missing: named }) };
}

/** The result of a plan that names none. */
async function lastOutput(options: Execution['options'], last: StepEnd): Promise<Result> {
  if (last.output.bytes > MAX_BYTES) return tooLarge(!isGood(last));
  return await withStepTexts([last.output], options.withTexts ?? fromMemory, async ([text]) => {
    const value = JSON.parse(text!) as Json;
    return { ...within(value, !isGood(last)), found: !hasNoAnswer(last) && holdsValue(value) };
  });
}

/** The values of bindings and texts by their pointers, and whether a step gave one of them. */
async function bindAll(
  { options }: Execution,
  steps: ReadonlyMap<string, StepEnd>,
  { holes, analyses }: { holes: readonly Hole[]; analyses: Reading['analyses'] },
): Promise<{ values: Map<string, Json>; found: boolean } | { resultError: StepError }> {
  const expressions = holes.flatMap(expressionsOf);
  const read = expressions.map((expression) => analyses.get(expression));
  const outcomes = await withScope(read, options, { ends: steps }, (scope) =>
    options.sandbox.evaluate(
      expressions.map((expression) => ({ expression })),
      scope,
    ),
  );
  if ('ok' in outcomes) {
    return { resultError: expressionError('The result', '/result', expressions[0] ?? '', outcomes) };
  }
  const bound = valuesOf(holes, outcomes);
  if (!bound.ok) {
    const { pointer, expression } = bound;
    const what = `The result could not be put together: ${pointer === '' ? 'it' : `its part ${argumentLabel(pointer)}`}`;
    return { resultError: expressionError(what, `/result${pointer}`, expression, bound) };
  }
  const { values } = bound;
  const found = holes.some((hole) => {
    const readsStep = expressionsOf(hole).some((expression) => readsSteps(analyses.get(expression)));
    return readsStep && holdsValue(values.get(hole.pointer) ?? null);
  });
  return { values, found };
}

const readsSteps = (analysis: Analysis | undefined): boolean =>
  analysis?.ok === true && (analysis.whole || analysis.steps.length > 0);

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

function namedBy(
  analyses: readonly ReturnType<Reading['analyses']['get']>[],
  steps: ReadonlyMap<string, StepEnd>,
): StepEnd[] {
  const read = analyses.flatMap((analysis) => (analysis?.ok ? [analysis] : []));
  const ids = new Set(read.flatMap((analysis) => analysis.steps.map((step) => step.id)));
  const whole = read.some((analysis) => analysis.whole);
  return [...steps].filter(([id]) => whole || ids.has(id)).map(([, end]) => end);
}
