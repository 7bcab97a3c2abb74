import { type Awaitable, chain } from '@errand/basics/awaitable';
import type { Json, ToolSpec } from '@errand/contracts';
import { readsRoot, stepIdsIn, stringLiteralsIn } from '../analysis/plan-analysis.ts';
import { toPlainJson } from '../sandbox/expression/plain-json.ts';
import { plainPath, valueAt } from '../sandbox/plain-path.ts';
import { AS_TOOL, type Scope } from '../sandbox/sandbox.ts';
import type { Mismatch, Verdict } from '../schema/schema.ts';
import { collectHoleValues, type ExpressionFault, type MissingValue } from '../template/hole-values.ts';
import { expressionsOf, fillHoles, type Hole, holesOf } from '../template/template.ts';
import { argumentLabel, stepLabel, toolLabel } from '../tools/label.ts';
import { expressionError, quoteExpression, subjectOfStep } from './expression-error.ts';
import {
  type Args,
  type CallOutcome,
  pointerTo,
  type RunPlanOptions,
  type StepError,
  type StepRun,
} from './plan-execution.ts';
import { withScope } from './scope.ts';
import type { StepFills } from './step-fills.ts';

export type BindOutcome =
  | { kind: 'done'; args: Args }
  | { kind: 'skipped' }
  | Exclude<CallOutcome, { kind: 'done' | 'denied' }>;
type Bindings = { kind: 'bindings'; values: Map<string, Json>; missing: readonly MissingValue[] };

/** A call before its arguments are bound. */
type CallToBind = StepRun & { tool: ToolSpec; iteration: number | null };

/** Computes the arguments of one call: bindings, then fills, then the tool's input schema. */
export function bindArgs(
  call: CallToBind,
  extra: { item?: string; index?: number },
  stepFills: StepFills,
): Awaitable<BindOutcome> {
  const { step, before: earlierEnds, iteration } = call;
  const { planAnalysis, options } = call.execution;
  const holes = holesOf(step.args);
  const analyses = holes.flatMap(expressionsOf).map((text) => planAnalysis.analyses.get(text));
  const fills = holes.filter((hole) => hole.kind === 'fill');
  const scoped = withScope(analyses, options, { ends: earlierEnds, ...extra }, (scope) =>
    fills.length > 0 ? evaluateHoles(call, holes, scope) : bindInOneJob(call, scope),
  );
  return chain(scoped, (bound) => {
    if ('ok' in bound) return failedAt(call, holes[0]!.pointer, holes[0]!.text, bound);
    return bound.kind === 'bindings' ? fillArgs(call, bound, () => stepFills.valuesFor(fills, iteration)) : bound;
  });
}

async function fillArgs(
  call: CallToBind,
  bound: Bindings,
  fill: () => ReturnType<StepFills['valuesFor']>,
): Promise<BindOutcome> {
  const filled = await fill();
  return filled.kind === 'done' ? await fillAndValidate(call, filled.values, bound) : filled;
}

/** For arguments without fills: at most one job of the sandbox. */
function bindInOneJob(call: CallToBind, scope: Scope): Awaitable<BindOutcome> {
  const { execution, step, tool } = call;
  return chain(execution.options.sandbox.bind({ args: step.args, scope, schema: tool.inputSchema }), (bound) => {
    if (!bound.ok) return failedAt(call, bound.pointer, bound.expression, bound);
    const { args, missing, verdict } = bound;
    return endForMissingValue(call, missing, scope) ?? toBoundArgs(call, args as Args, missing, verdict);
  });
}

async function evaluateHoles(call: CallToBind, holes: readonly Hole[], scope: Scope): Promise<BindOutcome | Bindings> {
  const outcomes = await call.execution.options.sandbox.evaluate(holes.flatMap(expressionsOf), scope);
  const evaluated = collectHoleValues(holes, outcomes);
  if (!evaluated.ok) return failedAt(call, evaluated.pointer, evaluated.expression, evaluated);
  const { values, missing } = evaluated;
  return endForMissingValue(call, missing, scope) ?? { kind: 'bindings', values, missing };
}

async function fillAndValidate(
  call: CallToBind,
  filled: ReadonlyMap<string, Json>,
  { values, missing }: Bindings,
): Promise<BindOutcome> {
  const args = fillHoles(call.step.args, ({ pointer }) => (filled.has(pointer) ? filled : values).get(pointer)) as Args;
  const verdict = await call.execution.options.sandbox.validate(call.tool.inputSchema, args, AS_TOOL);
  return toBoundArgs(call, args, missing, verdict);
}

function failedAt(call: CallToBind, pointer: string, expression: string, fault: ExpressionFault): BindOutcome {
  const subject = subjectOfStep(toolLabel(call.tool), `its argument ${argumentLabel(pointer)}`);
  return { kind: 'failed', ...expressionError(subject, pointerTo(call, `args${pointer}`), expression, fault) };
}

function toBoundArgs(call: CallToBind, args: Args, missing: readonly MissingValue[], verdict: Verdict): BindOutcome {
  const invalid = (problem: string): BindOutcome => ({
    kind: 'failed',
    code: 'tool_args_invalid',
    message: subjectOfStep(toolLabel(call.tool), problem),
  });
  if (!verdict.ok && verdict.fault !== undefined)
    return invalid(`its arguments cannot be checked. ${verdict.fault.message}`);
  if (!verdict.ok) return { kind: 'failed', ...invalidArgsError(call, verdict.errors, missing) };
  // Each binding is within its limit; their sum must be, too: the arguments are stored and sent.
  try {
    toPlainJson(args);
    return { kind: 'done', args };
  } catch (error) {
    return invalid(`what its arguments hold ${(error as Error).message}.`);
  }
}

/**
 * A binding without a value leaves an optional argument out only when nothing is lost: it reads no output, or it names a field that an
 * existing object lacks. Otherwise the step has nothing to work on: a dropped filter would widen the call. A text with a missing part is
 * never left out. When the binding reads a skipped step, its step is skipped, too.
 */
function endForMissingValue(call: CallToBind, missing: readonly MissingValue[], scope: Scope): BindOutcome | undefined {
  for (const { pointer, expression, isTextPart } of missing) {
    const analysis = call.execution.planAnalysis.analyses.get(expression);
    if (!analysis?.ok) continue;
    const reads = readsRoot(analysis, (root) => root === 'steps' || root === 'item');
    if (!reads && !isTextPart) continue;
    if (analysis.steps.some(({ id }) => call.before.get(id)?.state === 'skipped')) return { kind: 'skipped' };
    if (!isTextPart && isAbsentField(expression, scope)) continue;
    const errors = [
      { pointer: pointerTo(call, `args${pointer}`), message: `${quoteExpression(expression)} gives no value.` },
    ];
    return { kind: 'failed', code: 'nothing_found', message: nothingFoundText(call, expression), errors };
  }
  return undefined;
}

/** Whether an expression names a field that its object lacks. */
function isAbsentField(expression: string, scope: Scope): boolean {
  const path = plainPath(expression);
  const at = path && valueAt(path, scope);
  return at?.found === false && at.parentExists && path!.length > 2;
}

/** The words that were searched for, and where. */
function nothingFoundText({ execution, step, tool, iteration }: CallToBind, expression: string): string {
  const { planAnalysis, options } = execution;
  const texts = [expression, ...(iteration === null ? [] : [step.forEach?.$ ?? ''])];
  const ids = new Set(texts.flatMap((text) => stepIdsIn(planAnalysis.analyses.get(text))));
  const where = [...ids].map((id) => stepLabel(planAnalysis.plan, options.tools, id)).join(' and ');
  const searched = searchedTexts(expression, options.scope);
  return `${toolLabel(tool)} was not done: ${where || 'its list'} gave ${searched}.`;
}

function invalidArgsError(
  call: CallToBind,
  mismatches: readonly Mismatch[],
  missing: readonly MissingValue[],
): StepError {
  const holes = holesOf(call.step.args);
  const first = mismatches.slice(0, 5).map(({ pointer, message }) => {
    const lost = missing.find((lostValue) => lostValue.pointer === pointer);
    const hole = holes.find(
      (candidate) => pointer === candidate.pointer || pointer.startsWith(`${candidate.pointer}/`),
    );
    return { pointer, message, lost, hole };
  });
  const causes = first.map(
    ({ pointer, message, lost }) =>
      `${pointer === '' ? 'together they' : argumentLabel(pointer)} ${message}${lost ? ', and nothing gives it' : ''}`,
  );
  const errors = first.map(({ pointer, message, lost, hole }) => {
    const bound = hole && hole.kind !== 'fill' ? ` It is bound to ${quoteExpression(hole.text)}.` : '';
    const why = lost ? ` ${quoteExpression(lost.expression)} gives no value.` : bound;
    return { pointer: pointerTo(call, `args${pointer}`), message: `${message}.${why}` };
  });
  const message = `${toolLabel(call.tool)} was not called, because its arguments do not fit: ${causes.join('; ')}.`;
  return { code: 'tool_args_invalid', message, errors };
}

/** The texts that an expression compares with and that the caller named: people recognize them. */
function searchedTexts(expression: string, { intent, context }: RunPlanOptions['scope']): string {
  const requestText = `${intent}\n${context}`.toLowerCase();
  const texts = stringLiteralsIn(expression).filter(({ length }) => length >= 2 && length <= 80);
  const quotedTexts = [...new Set(texts)].filter((text) => requestText.includes(text.toLowerCase())).slice(0, 3);
  return quotedTexts.length === 0
    ? 'nothing that fits'
    : `no ${quotedTexts.map((text) => JSON.stringify(text)).join(' or ')}`;
}
