import { type Awaitable, chain } from '@errand/basics/awaitable';
import type { Json } from '@errand/contracts';
import { contextPairs } from '../analysis/context-pairs.ts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import type { Scope } from '../sandbox/sandbox.ts';
import type { ExpressionFault, Outcome } from '../template/hole-values.ts';
import { JsonText } from '../template/json-text.ts';
import { withStepTexts, withTextsInMemory } from './output.ts';
import type { Execution, RunPlanOptions, StepEnd, StepEnds } from './plan-execution.ts';

/**
 * Maximum bytes of outputs that the expressions of one step, or of the result, may read. A thread's memory limit does not apply while it
 * parses, and small objects take twelve times the size of their text: more would kill the whole process.
 */
const MAX_READ = 8 * 1024 * 1024;

const tooMuchRead: ExpressionFault & { ok: false } = {
  ok: false,
  message: 'reads more than 8 MiB of outputs',
  explanation: 'it reads more than 8 MiB of outputs; read fewer steps, or ask the services for less',
};

/** The roots of `next`: the page, the counts so far, and the service's link. */
type PageRoots = { page?: JsonText; pageCount?: number; itemCount?: number; link?: Json };
/** `item`: as JSON text. */
type ScopeValues = { ends: StepEnds; item?: string; index?: number } & PageRoots;

/** The outcome of one expression in its scope. */
export const evaluateIn = (
  { planAnalysis, options }: Pick<Execution, 'planAnalysis' | 'options'>,
  expression: string,
  of: ScopeValues,
): Awaitable<Outcome> =>
  withScope([planAnalysis.analyses.get(expression)], options, of, (scope) =>
    chain(options.sandbox.evaluate([expression], scope), ([outcome]) => outcome!),
  );

/**
 * Calls `use` with the scope of some expressions: only the roots and steps that they name, so that no other output is loaded or sent to a
 * thread. An expression that takes the scope as a whole reads all of `ends`. For a step these are its dependencies, never a step that
 * happens to have ended.
 * @returns the value of `use`, or a fault when the outputs would be too large
 */
export function withScope<T>(
  analyses: readonly (Analysis | undefined)[],
  { scope: runScope, withTexts = withTextsInMemory }: RunPlanOptions,
  { ends, ...extra }: ScopeValues,
  use: (scope: Scope) => Awaitable<T>,
): Awaitable<T | typeof tooMuchRead> {
  const parsed = analyses.flatMap((analysis) => (analysis?.ok ? [analysis] : []));
  const readsAll = parsed.some((analysis) => analysis.readsAll);
  const roots = new Set(parsed.flatMap((analysis) => analysis.roots));
  const read = endsReadBy(analyses, ends);
  const outputs = read.map(([, { output }]) => output);
  if (outputs.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_READ) return tooMuchRead;
  return withStepTexts(outputs, withTexts, (texts) => {
    const steps = read.map(([id], index) => [id, { output: new JsonText(texts[index]!) }]);
    const { item, ...more } = extra;
    const all = {
      timeZone: 'UTC',
      ...runScope,
      ...((readsAll || roots.has('pairs')) && { pairs: contextPairs(runScope.context) }),
      ...(item !== undefined && { item: new JsonText(item) }),
      ...more,
      steps: Object.fromEntries(steps),
    };
    // Always includes `now`: $now() and $millis() read it.
    return use(
      readsAll ? all : Object.fromEntries(Object.entries(all).filter(([root]) => root === 'now' || roots.has(root))),
    );
  });
}

/** The ends of the steps that some expressions read. */
export const endsReadBy = (analyses: readonly (Analysis | undefined)[], ends: StepEnds): [string, StepEnd][] =>
  [...ends].filter(([id]) =>
    analyses.some((analysis) => analysis?.ok && (analysis.readsAll || analysis.steps.some((step) => step.id === id))),
  );
