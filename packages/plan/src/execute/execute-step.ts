import { type Awaitable, chain } from '@errand/basics/awaitable';
import type { Json, ToolSpec } from '@errand/contracts';
import { ASK, MAX_QUESTIONS, toolNamed } from '../tools/ask.ts';
import { operationLabel } from '../tools/label.ts';
import { bindArgs } from './bind-args.ts';
import { evaluatePart, truthOf } from './conditions.ts';
import { quoteExpression, subjectOfStep } from './expression-error.ts';
import { type CallOutput, StepOutput } from './output.ts';
import {
  type Args,
  type CallEnd,
  type CallOutcome,
  type Execution,
  endWithoutCalls,
  labelOf,
  pointerTo,
  type StepEnd,
  type StepError,
  type StepRun,
} from './plan-execution.ts';
import { type PagedIteration, readPages } from './read-pages.ts';
import { StepFills } from './step-fills.ts';

/** Runs one step of a plan after its dependencies: its condition, its list, and a call for each item. */
export async function executeStep(
  run: StepRun,
  outputsBefore: () => Promise<Record<string, string>>,
): Promise<StepEnd> {
  const { step, execution } = run;
  const { options } = execution;
  if (step.when !== undefined) {
    const decided = await evaluatePart(run, 'when', step.when.$);
    if ('code' in decided) return endWithoutCalls('failed', decided);
    const holds = truthOf(decided.value);
    if (holds === undefined) return endWithoutCalls('failed', notBooleanError(run, decided.value, step.when.$));
    if (!holds) return endWithoutCalls('skipped');
  }
  const tool = toolNamed(step.tool, options.tools);
  const calleeFor = (items: readonly string[] | null) =>
    tool && { tool, fills: new StepFills(options.fill, { step, tool, items }, outputsBefore) };
  if (step.forEach === undefined) return toStepEnd([await runIteration(run, calleeFor(null))], false);
  const list = await evaluatePart(run, 'forEach', step.forEach.$);
  if ('code' in list) return endWithoutCalls('failed', list);
  // As texts: a list of small objects takes a dozen times as much memory while it waits.
  const items = asList(list.value).map((item) => JSON.stringify(item));
  const max = step.tool === ASK.name ? MAX_QUESTIONS : (options.maxForEach ?? 1000);
  if (items.length > max) {
    const problem = `its list has ${items.length} items, and at most ${max} are run. Select fewer.`;
    return endWithoutCalls('failed', { code: 'expression_failed', message: subjectOfStep(labelOf(run), problem) });
  }
  const callee = calleeFor(items);
  const count = items.length;
  return toStepEnd(
    await Promise.all(items.map((item, index) => runIteration(run, callee, { item, index, count }))),
    true,
  );
}

/** Only true runs a step; any other value is not interpreted. */
function notBooleanError(run: StepRun, value: Json, expression: string): StepError {
  const gives = Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value === 'string' ? 'text' : 'number'}`;
  const remedy = `${quoteExpression(expression)} gives ${gives}; write a comparison, $exists(…) or $count(…) > 0.`;
  return {
    code: 'expression_failed',
    message: subjectOfStep(labelOf(run), `its condition gives ${gives} instead of true or false.`),
    errors: [{ pointer: pointerTo(run, 'when'), message: remedy }],
  };
}

/** @param callee undefined when there is no such tool @param item of forEach, as JSON text */
async function runIteration(
  run: StepRun,
  callee: { tool: ToolSpec; fills: StepFills } | undefined,
  item?: { item: string; index: number; count: number },
): Promise<Iteration> {
  const { execution, step, before } = run;
  const { options } = execution;
  const iteration = item?.index ?? null;
  const call = { toolCallId: item ? `${step.id}.${item.index}` : step.id, iteration };
  if (callee === undefined) {
    const message = `The operation ${operationLabel(step.tool)} is not among those that this run may use.`;
    const error = options.whyNoTool?.(step.tool) ?? { code: 'tool_not_allowed', message };
    return withoutMorePages({ ...call, outcome: { kind: 'failed', ...error } });
  }
  const { tool, fills } = callee;
  const extra = item ? { item: item.item, index: item.index } : {};
  let args: Args | undefined;
  const earlierOutcome = options.earlier?.outcomeOf(call.toolCallId);
  const outcome =
    earlierOutcome ??
    (await callWhenFree(execution, call.toolCallId, () =>
      chain(bindArgs({ ...run, tool, iteration }, extra, fills), (bound) => {
        if (bound.kind !== 'done') return bound;
        args = bound.args;
        return options.call({ step, ...call, tool, args, ...(item && { item: item.item, itemCount: item.count }) });
      }),
    ));
  const first = toCallEnd(call, args, outcome);
  const { pages } = step;
  if (pages === undefined || outcome.kind !== 'done') return withoutMorePages(first);
  const paged = { execution, before, step: { ...step, pages }, tool, extra, args: outcome.args ?? args, first };
  return readPages(paged, async (toolCallId, argsOfPage) => {
    const page = { toolCallId, iteration };
    const ended = await callWhenFree(execution, toolCallId, () =>
      options.call({ step, ...page, tool, args: argsOfPage, laterPage: true }),
    );
    return toCallEnd(page, argsOfPage, ended);
  });
}

/** Makes a call when a place is free for it, unless its run may make no more. */
const callWhenFree = <T extends CallOutcome | { kind: 'skipped' }>(
  { limiter, options }: Execution,
  toolCallId: string,
  call: () => Awaitable<T>,
) =>
  limiter.run<T | CallOutcome>(() => {
    const error = options.refusal?.(toolCallId);
    return error ? { kind: 'failed', ...error } : call();
  });

/** The calls of one item, and their output; `itemCount`: of all pages. */
type Iteration = { calls: CallEnd[]; output: CallOutput | null } & Partial<
  Pick<PagedIteration, 'itemCount' | 'capped'>
>;

const withoutMorePages = (call: CallEnd): Iteration => ({
  calls: [call],
  output: call.outcome.kind === 'done' ? call.outcome.output : null,
});

function toCallEnd(
  call: { toolCallId: string; iteration: number | null },
  args: Args | undefined,
  outcome: CallEnd['outcome'],
): CallEnd {
  const needsArgs = outcome.kind === 'failed' || outcome.kind === 'denied';
  return { ...call, ...(needsArgs && args !== undefined && { args }), outcome };
}

/** @param hasForEach whether the step has forEach */
function toStepEnd(iterations: readonly Iteration[], hasForEach: boolean): StepEnd {
  const calls = iterations.flatMap((iteration) => iteration.calls);
  const outputs = iterations.map(({ output }) => output);
  const paged = iterations.filter((iteration) => iteration.itemCount !== undefined);
  const itemCount = paged.reduce((sum, iteration) => sum + iteration.itemCount!, 0);
  return {
    ...stateOf(calls),
    ...(calls.some(({ outcome }) => outcome.kind === 'done' && outcome.unknown) && { unknown: true }),
    output: new StepOutput(outputs, hasForEach),
    ...(paged.length > 0 && { paged: { itemCount, capped: paged.some((iteration) => iteration.capped) } }),
    calls,
  };
}

/** The state of a step: it waits while a call waits; otherwise the worst call decides. */
function stateOf(calls: readonly CallEnd[]): Pick<StepEnd, 'state' | 'error'> {
  const of = (kind: CallEnd['outcome']['kind']) => calls.find((call) => call.outcome.kind === kind)?.outcome;
  if (of('waiting')) return { state: 'waiting' };
  for (const kind of ['failed', 'denied'] as const) {
    const worst = of(kind);
    if (worst && 'code' in worst) {
      const { kind: _, ...error } = worst;
      return { state: kind, error };
    }
  }
  return { state: calls.length > 0 && calls.every((call) => call.outcome.kind === 'skipped') ? 'skipped' : 'done' };
}

/** No value is an empty list. A single value is a list of one, because JSONata unwraps such lists. */
function asList(value: Json): Json[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : [value];
}
