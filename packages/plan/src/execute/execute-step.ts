import type { Json, PlanStep } from '@errand/contracts';
import { ASK, MAX_QUESTIONS, toolNamed } from '../ask.ts';
import { expressionError, quoted, subjectOfStep } from '../sandbox/expression-error.ts';
import { BindArgs } from './bind-args.ts';
import type { Execution } from './gate.ts';
import { operationLabel, stepLabel, stepPointer } from './label.ts';
import type { CallEnd, StepEnd, StepError } from './outcome.ts';
import { type Part, StepOutput } from './output.ts';
import { type PagesEnd, readPages } from './read-pages.ts';
import { withScope } from './scope.ts';
import { StepFills } from './step-fills.ts';

/** One step of a plan whose dependencies have ended: its condition, its list, and a call for each item. */
export class ExecuteStep {
  readonly #execution: Execution;
  readonly #step: PlanStep;
  readonly #before: ReadonlyMap<string, StepEnd>;
  readonly #outputsBefore: () => Promise<Record<string, string>>;

  constructor(
    execution: Execution,
    step: PlanStep,
    before: ReadonlyMap<string, StepEnd>,
    outputsBefore: () => Promise<Record<string, string>>,
  ) {
    this.#execution = execution;
    this.#step = step;
    this.#before = before;
    this.#outputsBefore = outputsBefore;
  }

  async run(): Promise<StepEnd> {
    const step = this.#step;
    if (step.when !== undefined) {
      const decided = await this.#evaluate('when', step.when.$);
      if ('error' in decided) return failed(decided.error);
      const { value } = decided;
      if (value === false || value === null) return { state: 'skipped', output: StepOutput.none, calls: [] };
      if (value !== true) return failed(this.#undecided(value, step.when.$));
    }
    if (step.forEach === undefined) {
      return endOf([await this.#iterate(null, {}, this.#fills(null))], false);
    }
    const list = await this.#evaluate('forEach', step.forEach.$);
    if ('error' in list) return failed(list.error);
    // As texts: a list of small objects takes a dozen times as much memory while it waits.
    const items = asList(list.value).map((item) => JSON.stringify(item));
    const max = step.tool === ASK.name ? MAX_QUESTIONS : (this.#execution.options.maxForEach ?? 1000);
    if (items.length > max) {
      const what = `its list has ${items.length} items, and at most ${max} are run. Select fewer.`;
      return failed({ code: 'expression_failed', message: subjectOfStep(this.#label, what) });
    }
    const fills = this.#fills(items);
    return endOf(
      await Promise.all(items.map((item, index) => this.#iterate(index, { item, index }, fills, items.length))),
      true,
    );
  }

  #fills(items: readonly string[] | null): StepFills | undefined {
    const { options } = this.#execution;
    const tool = toolNamed(this.#step.tool, options.tools);
    return tool && new StepFills(options.fill, { step: this.#step, tool, items }, this.#outputsBefore);
  }

  get #label(): string {
    return stepLabel(this.#execution.reading.plan, this.#execution.options.tools, this.#step.id);
  }

  /** Only true runs a step: what was meant by anything else is not guessed. */
  #undecided(value: Json, expression: string): StepError {
    const gives = Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${WORDS[typeof value]}`;
    const what = `its condition gives ${gives} instead of true or false.`;
    const remedy = `${quoted(expression)} gives ${gives}; write a comparison, $exists(…) or $count(…) > 0.`;
    const pointer = `${stepPointer(this.#execution.reading.plan, this.#step.id)}/when`;
    return {
      code: 'expression_failed',
      message: subjectOfStep(this.#label, what),
      errors: [{ pointer, message: remedy }],
    };
  }

  async #evaluate(part: 'when' | 'forEach', expression: string): Promise<{ value: Json } | { error: StepError }> {
    const outcome = await withScope(
      [this.#execution.reading.analyses.get(expression)],
      this.#execution.options,
      { ends: this.#before },
      async (scope) => (await this.#execution.options.sandbox.evaluate([{ expression }], scope))[0]!,
    );
    if (outcome.ok) return { value: outcome.value };
    const { plan } = this.#execution.reading;
    const what = subjectOfStep(this.#label, part === 'when' ? 'its condition' : 'its list');
    return { error: expressionError(what, `${stepPointer(plan, this.#step.id)}/${part}`, expression, outcome) };
  }

  async #iterate(
    iteration: number | null,
    extra: { item?: string; index?: number },
    fills: StepFills | undefined,
    items?: number,
  ): Promise<Iteration> {
    const step = this.#step;
    const { options, gate } = this.#execution;
    const toolCallId = iteration === null ? step.id : `${step.id}.${iteration}`;
    const call = { toolCallId, iteration };
    const tool = toolNamed(step.tool, options.tools);
    if (tool === undefined || fills === undefined) {
      const message = `The operation ${operationLabel(step.tool)} is not among those that this run may use.`;
      const why = options.absent?.(step.tool) ?? { code: 'tool_not_allowed', message };
      return iterationOf({ ...call, outcome: { kind: 'failed', ...why } });
    }
    let args: { [key: string]: Json } | undefined;
    const outcome = await gate.run(async () => {
      const over = options.over?.(toolCallId);
      if (over) return { kind: 'failed', ...over } as const;
      const bound = await new BindArgs(this.#execution, { step, tool, iteration }, this.#before).bind(extra, fills);
      if (bound.kind !== 'done') return bound;
      args = bound.args;
      const { item } = extra;
      return await options.call({
        step,
        ...call,
        tool,
        args,
        ...(item !== undefined && { item }),
        ...(items && { items }),
      });
    });
    const first = callEnd(call, args, outcome);
    const { pages } = step;
    if (pages === undefined || outcome.kind !== 'done') return iterationOf(first);
    const paged = { step: { ...step, pages }, tool, before: this.#before, extra, args: outcome.args ?? args!, first };
    return readPages(this.#execution, paged, async (pageId, argsOfPage) => {
      const page = { toolCallId: pageId, iteration };
      const ended = await gate.run(async () => {
        const over = options.over?.(pageId);
        if (over) return { kind: 'failed', ...over } as const;
        return await options.call({ step, ...page, tool, args: argsOfPage, laterPage: true });
      });
      return callEnd(page, argsOfPage, ended);
    });
  }
}

/** The calls of one item, and what they gave; with `pages` how many items that is. */
type Iteration = { calls: CallEnd[]; output: Part | null } & Partial<Pick<PagesEnd, 'items' | 'capped'>>;

const iterationOf = (call: CallEnd): Iteration => ({
  calls: [call],
  output: call.outcome.kind === 'done' ? call.outcome.output : null,
});

function callEnd(
  call: { toolCallId: string; iteration: number | null },
  args: { [key: string]: Json } | undefined,
  outcome: CallEnd['outcome'],
): CallEnd {
  const needsArgs = outcome.kind === 'failed' || outcome.kind === 'denied';
  return { ...call, ...(needsArgs && args !== undefined && { args }), outcome };
}

/** @param list whether the step has forEach */
function endOf(iterations: readonly Iteration[], list: boolean): StepEnd {
  const calls = iterations.flatMap((one) => one.calls);
  const output = new StepOutput(
    iterations.map((one) => one.output),
    list,
  );
  const paged = iterations.filter((one) => one.items !== undefined);
  const items = paged.reduce((sum, one) => sum + one.items!, 0);
  return {
    ...stateOf(calls),
    ...unknownOf(calls),
    output,
    ...(paged.length > 0 && { paged: { items, capped: paged.some((one) => one.capped) } }),
    calls,
  };
}
const WORDS: Partial<Record<string, string>> = { string: 'text', number: 'number' };

const failed = (error: StepError): StepEnd => ({ state: 'failed', output: StepOutput.none, error, calls: [] });

const unknownOf = (calls: readonly CallEnd[]): Pick<StepEnd, 'unknown'> =>
  calls.some(({ outcome }) => outcome.kind === 'done' && outcome.unknown) ? { unknown: true } : {};

/** The state of a step: it waits while a call waits; else the worst call decides. */
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

/** No value is an empty list; a single value is a list of one, since JSONata gives a list of one as its item. */
function asList(value: Json): Json[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : [value];
}
