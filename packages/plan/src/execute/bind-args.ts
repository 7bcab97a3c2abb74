import type { Json, PlanStep, ToolSpec } from '@errand/contracts';
import type { Reading } from '../check/reading.ts';
import { expressionError, quoted, subjectOfStep } from '../sandbox/expression-error.ts';
import { toPlainJson } from '../sandbox/plain-json.ts';
import { plainPath, valueAt } from '../sandbox/plain-path.ts';
import type { Scope } from '../sandbox/sandbox.ts';
import type { Mismatch } from '../schema/mismatch.ts';
import type { Verdict } from '../schema/schema.ts';
import type { Execution } from './gate.ts';
import { type Missing, valuesOf } from './hole-values.ts';
import { argumentLabel, stepLabel, stepPointer, toolLabel } from './label.ts';
import type { CallOutcome, RunPlanOptions, StepEnd, StepError } from './outcome.ts';
import { withScope } from './scope.ts';
import type { StepFills } from './step-fills.ts';
import { expressionsOf, fillHoles, type Hole, holesOf } from './template.ts';

type Args = { [key: string]: Json };
export type BoundArgs =
  | { kind: 'done'; args: Args }
  | { kind: 'skipped' }
  | Exclude<CallOutcome, { kind: 'done' | 'denied' }>;
type Bindings = { kind: 'bindings'; values: Map<string, Json>; missing: readonly Missing[] };

/** Makes the arguments of one call: bindings, then fills, then the tool's input schema. */
export class BindArgs {
  readonly #execution: Pick<Execution, 'reading' | 'options'>;
  readonly #of: { step: PlanStep; tool: ToolSpec; iteration: number | null };
  readonly #before: ReadonlyMap<string, StepEnd>;

  constructor(
    execution: Pick<Execution, 'reading' | 'options'>,
    of: { step: PlanStep; tool: ToolSpec; iteration: number | null },
    before: ReadonlyMap<string, StepEnd>,
  ) {
    this.#execution = execution;
    this.#of = of;
    this.#before = before;
  }

  async bind(extra: { item?: string; index?: number }, filling: StepFills): Promise<BoundArgs> {
    const holes = holesOf(this.#of.step.args);
    const analyses = holes.flatMap(expressionsOf).map((text) => this.#execution.reading.analyses.get(text));
    const fills = holes.filter((hole) => hole.kind === 'fill');
    const bound = await withScope(analyses, this.#execution.options, { ends: this.#before, ...extra }, (scope) =>
      fills.length > 0 ? this.#evaluate(holes, scope) : this.#bind(scope),
    );
    if ('ok' in bound) return this.#fault(holes[0]!.pointer, holes[0]!.text, bound);
    if (bound.kind !== 'bindings') return bound;
    const filled = await filling.of(fills, this.#of.iteration);
    return filled.kind === 'done' ? this.#fillAndJudge(filled.values, bound) : filled;
  }

  async #bind(scope: Scope): Promise<BoundArgs> {
    const bound = await this.#execution.options.sandbox.bind({
      args: this.#of.step.args,
      scope,
      schema: this.#of.tool.inputSchema,
    });
    if (!bound.ok) return this.#fault(bound.pointer, bound.expression, bound);
    return this.#nothing(bound.missing, scope) ?? this.#judge(bound.args as Args, bound.missing, bound.verdict);
  }

  async #evaluate(holes: readonly Hole[], scope: Scope): Promise<BoundArgs | Bindings> {
    const expressions = holes.flatMap(expressionsOf);
    const outcomes = await this.#execution.options.sandbox.evaluate(
      expressions.map((expression) => ({ expression })),
      scope,
    );
    const found = valuesOf(holes, outcomes);
    if (!found.ok) return this.#fault(found.pointer, found.expression, found);
    return this.#nothing(found.missing, scope) ?? { kind: 'bindings', values: found.values, missing: found.missing };
  }

  async #fillAndJudge(filled: ReadonlyMap<string, Json>, { values, missing }: Bindings): Promise<BoundArgs> {
    const args = fillHoles(this.#of.step.args, ({ pointer }) =>
      filled.has(pointer) ? filled.get(pointer) : values.get(pointer),
    ) as Args;
    const verdict = await this.#execution.options.sandbox.validate(this.#of.tool.inputSchema, args, {
      dialect: 'tool',
      closed: true,
    });
    return this.#judge(args, missing, verdict);
  }

  #fault(pointer: string, expression: string, fault: Parameters<typeof expressionError>[3]): BoundArgs {
    const what = subjectOfStep(toolLabel(this.#of.tool), `its argument ${argumentLabel(pointer)}`);
    return { kind: 'failed', ...expressionError(what, this.#at(pointer), expression, fault) };
  }

  #judge(args: Args, missing: readonly Missing[], verdict: Verdict): BoundArgs {
    if (verdict.ok) return this.#within(args);
    if (verdict.fault !== undefined) {
      const what = `what it takes cannot be checked. ${verdict.fault.message}`;
      const message = subjectOfStep(toolLabel(this.#of.tool), what);
      return { kind: 'failed', code: 'tool_args_invalid', message };
    }
    return { kind: 'failed', ...this.#misfit(verdict.errors, missing) };
  }

  // Each binding is small enough; together they must be, too: they are stored, and sent.
  #within(args: Args): BoundArgs {
    try {
      toPlainJson(args);
      return { kind: 'done', args };
    } catch (error) {
      const message = subjectOfStep(toolLabel(this.#of.tool), `what its arguments hold ${(error as Error).message}.`);
      return { kind: 'failed', code: 'tool_args_invalid', message };
    }
  }

  /**
   * A binding that gives no value leaves an optional argument out only when nothing is lost by it: when it reads no output, or when it
   * names a field that an object which is there does not have. Else the step has nothing to work on: a filter that vanishes
   * would widen the call. A text of which a part is missing is never left out. When what it reads was skipped, so is the step.
   */
  #nothing(missing: readonly Missing[], scope: Scope): BoundArgs | undefined {
    for (const { pointer, expression, text } of missing) {
      const analysis = this.#execution.reading.analyses.get(expression);
      if (!analysis?.ok) continue;
      const reads = analysis.whole || analysis.roots.some((root) => root === 'steps' || root === 'item');
      if (!reads && !text) continue;
      if (analysis.steps.some(({ id }) => this.#before.get(id)?.state === 'skipped')) return { kind: 'skipped' };
      const path = text ? undefined : plainPath(expression);
      const at = path && valueAt(path, scope);
      if (at?.found === false && at.parent && path!.length > 2) continue;
      const errors = [{ pointer: this.#at(pointer), message: `${quoted(expression)} gives no value.` }];
      return { kind: 'failed', code: 'nothing_found', message: this.#notFound(expression), errors };
    }
    return undefined;
  }

  #at(pointer: string): string {
    return `${stepPointer(this.#execution.reading.plan, this.#of.step.id)}/args${pointer}`;
  }

  /** What was looked for, and where, in words. */
  #notFound(expression: string): string {
    const { analyses, plan } = this.#execution.reading;
    const texts = [expression, ...(this.#of.iteration === null ? [] : [this.#of.step.forEach?.$ ?? ''])];
    const ids = new Set(texts.flatMap((text) => stepsOf(analyses.get(text))));
    const where = [...ids].map((id) => stepLabel(plan, this.#execution.options.tools, id)).join(' and ');
    const sought = wantedIn(expression, this.#execution.options.scope);
    return `${toolLabel(this.#of.tool)} was not done: ${where || 'what it is done for'} gave ${sought}.`;
  }

  #misfit(errors: readonly Mismatch[], missing: readonly Missing[]): StepError {
    const holes = holesOf(this.#of.step.args);
    const first = errors.slice(0, 5);
    const said = first.map(({ pointer, message }) => {
      const lost = missing.some((one) => one.pointer === pointer);
      return `${pointer === '' ? 'together they' : argumentLabel(pointer)} ${message}${lost ? ', and nothing gives it' : ''}`;
    });
    return {
      code: 'tool_args_invalid',
      message: `${toolLabel(this.#of.tool)} was not called, because its arguments do not fit: ${said.join('; ')}.`,
      errors: first.map(({ pointer, message }) => {
        const lost = missing.find((one) => one.pointer === pointer);
        const from = holes.find((hole) => pointer === hole.pointer || pointer.startsWith(`${hole.pointer}/`));
        const bound = from && from.kind !== 'fill' ? ` It is bound to ${quoted(from.text)}.` : '';
        const why = lost ? ` ${quoted(lost.expression)} gives no value.` : bound;
        return { pointer: this.#at(pointer), message: `${message}.${why}` };
      }),
    };
  }
}

const stepsOf = (analysis: ReturnType<Reading['analyses']['get']>): string[] =>
  analysis?.ok ? analysis.steps.map(({ id }) => id) : [];

/** The texts that an expression compares with and that the caller named: what people know that they asked for. */
function wantedIn(expression: string, { intent, context }: RunPlanOptions['scope']): string {
  const asked = `${intent}\n${context}`.toLowerCase();
  const texts = [...expression.matchAll(/"([^"\\]{2,80})"|'([^'\\]{2,80})'/g)].map(([, a, b]) => (a ?? b)!);
  const known = [...new Set(texts)].filter((text) => asked.includes(text.toLowerCase())).slice(0, 3);
  return known.length === 0 ? 'nothing that fits' : `no ${known.map((text) => JSON.stringify(text)).join(' or ')}`;
}
