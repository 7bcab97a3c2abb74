import type { Json } from '@errand/contracts';
import type { PlanAnalysis } from '../analysis/plan-analysis.ts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import { toPlainJson } from '../sandbox/expression/plain-json.ts';
import { schemaAt } from '../schema/schema-at.ts';
import { collectHoleValues } from '../template/hole-values.ts';
import { expressionsOf, fillHoles, type Hole, holdsValue, holesOf } from '../template/template.ts';
import { argumentLabel } from '../tools/label.ts';
import { expressionError } from './expression-error.ts';
import { hasFullAnswer, hasNoAnswer, missingText, splitObjects, unansweredStepOf } from './missing-values.ts';
import { outputExcerpts, withStepTexts, withTextsInMemory } from './output.ts';
import type { Execution, PlanEnd, StepEnd, StepEnds, StepError } from './plan-execution.ts';
import { endsReadBy, withScope } from './scope.ts';

type Result = Pick<PlanEnd, 'result' | 'partial' | 'hasFindings' | 'missing' | 'resultError'>;

/**
 * The result of a plan after all its steps. A binding without a value becomes null, and so does one that reads a step without an answer:
 * `missing` lists the latter. `partial`: a step that the result names did not get done.
 */
export async function resultOf(execution: Execution, steps: StepEnds): Promise<Result> {
  const { planAnalysis, options } = execution;
  const { plan } = planAnalysis;
  if (plan.result === undefined) return await lastOutput(options, [...steps].at(-1)![1]);
  const expressions = holesOf(plan.result).flatMap(expressionsOf);
  const read = expressions.map((expression) => planAnalysis.analyses.get(expression));
  const partial = endsReadBy(read, steps).some(([, end]) => !hasFullAnswer(end));
  const unansweredIds = new Set([...steps].flatMap(([id, end]) => (hasNoAnswer(end) ? [id] : [])));
  const { sandbox } = options;
  const { template, analyses } =
    unansweredIds.size > 0
      ? await splitObjects(plan.result, planAnalysis.analyses, { lost: unansweredIds, sandbox })
      : { template: plan.result, analyses: planAnalysis.analyses };
  const holes = holesOf(template);
  const missing = holes.flatMap((hole) => {
    const stepId = unansweredStepOf(hole, analyses, unansweredIds);
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
  const hasFindings =
    bound.hasStepValue || (holes.some(({ kind }) => kind === 'fill') && unansweredIds.size < steps.size);
  const named = missingText(missing, { plan, tools: options.tools, steps });
  return { ...withinSizeLimit(result, partial), hasFindings: hasFindings, ...(named && { missing: named }) };
}

/** The result of a plan without a result template. */
async function lastOutput(options: Execution['options'], last: StepEnd): Promise<Result> {
  if (last.output.bytes > MAX_BYTES)
    return failedResult(!hasFullAnswer(last), 'The result gives more than 1 MiB; select fewer fields or items.');
  return await withStepTexts([last.output], options.withTexts ?? withTextsInMemory, async ([text]) => {
    const value = JSON.parse(text!) as Json;
    return { ...withinSizeLimit(value, !hasFullAnswer(last)), hasFindings: !hasNoAnswer(last) && holdsValue(value) };
  });
}

/** The values of bindings and texts by their pointers, and whether a step gave one of them. */
async function bindAll(
  { options }: Execution,
  steps: StepEnds,
  { holes, analyses }: { holes: readonly Hole[]; analyses: PlanAnalysis['analyses'] },
): Promise<{ values: Map<string, Json>; hasStepValue: boolean } | { resultError: StepError }> {
  const expressions = holes.flatMap(expressionsOf);
  const read = expressions.map((expression) => analyses.get(expression));
  const outcomes = await withScope(read, options, { ends: steps }, (scope) =>
    options.sandbox.evaluate(expressions, scope),
  );
  if ('ok' in outcomes) {
    return { resultError: expressionError('The result', '/result', expressions[0] ?? '', outcomes) };
  }
  const bound = collectHoleValues(holes, outcomes);
  if (!bound.ok) {
    const { pointer, expression } = bound;
    const subject = `The result could not be put together: ${pointer === '' ? 'it' : `its part ${argumentLabel(pointer)}`}`;
    return { resultError: expressionError(subject, `/result${pointer}`, expression, bound) };
  }
  const { values } = bound;
  const hasStepValue = holes.some((hole) => {
    const readsStep = expressionsOf(hole).some((expression) => readsSteps(analyses.get(expression)));
    return readsStep && holdsValue(values.get(hole.pointer) ?? null);
  });
  return { values, hasStepValue };
}

const readsSteps = (analysis: Analysis | undefined): boolean =>
  analysis?.ok === true && (analysis.readsAll || analysis.steps.length > 0);

/** Maximum bytes of JSON text of a result without a template, so that an oversized output is not parsed. */
const MAX_BYTES = 1024 * 1024;

const failedResult = (partial: boolean, message: string): Result => ({
  partial,
  resultError: { code: 'expression_failed', message },
});

// Each part is within its limit; their sum must be, too: a result is stored in one row and sent in one event.
function withinSizeLimit(result: Json, partial: boolean): Result {
  try {
    toPlainJson(result);
    return { result, partial };
  } catch (error) {
    return failedResult(partial, `The result ${(error as Error).message}.`);
  }
}

async function fillAll(
  { options, limiter }: Execution,
  template: Json,
  steps: StepEnds,
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
    options.withTexts ?? withTextsInMemory,
  );
  const fillRequests = fills.map(({ pointer, text: prompt }) => {
    const schema = outputSchema && schemaAt(outputSchema, pointer);
    return { iteration: null, pointer, prompt, ...(schema !== undefined && { schema }) };
  });
  const outcome = await limiter.run(() => fill({ stepId: null, values: fillRequests, outputs }));
  for (const [index, { pointer }] of fills.entries()) {
    const filledValue = outcome.values[index]!;
    if ('failed' in filledValue) return { code: filledValue.failed.code, message: filledValue.failed.message };
    values.set(pointer, filledValue.value);
  }
  return undefined;
}
