import type { ArgOrigin, Json, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { expressionsOf, holesOf } from '../template/template.ts';
import { STRING_LITERAL } from '../template/text.ts';
import { ASK } from '../tools/ask.ts';
import { cut, toSingleLine } from '../tools/label.ts';
import { joinWords } from './text.ts';
import { parseTitle, titleText } from './title.ts';

/** The sources of an expression, as far as its names and texts show. */
export type Source = {
  /** Steps that it reads, in plan order; if it reads the item, also the sources of the step's list. */
  steps: readonly string[];
  item: boolean;
  now: boolean;
  context: boolean;
  intent: boolean;
  input: boolean;
  user: boolean;
  /** For a plain path: the path in the output of its only step. */
  path: string | undefined;
  /** Texts in it: a reader must see the values that the plan inserts. */
  literals: readonly string[];
};

/** A path into the output of one step, as in `steps.account.output.items[0].id`. */
const PLAIN_PATH = /^steps\.`?[A-Za-z]\w*`?\.output\.([\w.[\]`]+)$/;
/** A name with which an expression reads its scope. */
const ROOT = /(?<![\w.$`])(?:\$\$\.)?(item|index|now|context|pairs|intent|input|timeZone)\b/g;
/** Texts that are part of the language: types, and units of time. */
const LANGUAGE_KEYWORD =
  /^(?:string|number|boolean|array|object|null|function|(?:second|minute|hour|day|week|month|quarter|year)s?)$/;

/** A plan with its tools, for its description in words. */
export class PlanView {
  readonly #tools: ReadonlyMap<string, ToolSpec>;

  constructor(
    readonly plan: Plan,
    tools: readonly ToolSpec[],
  ) {
    this.#tools = new Map([...tools, ASK].map((tool) => [tool.name, tool]));
  }

  tool(step: PlanStep): ToolSpec | undefined {
    return this.#tools.get(step.tool);
  }

  /** The title of a step: "List accounts". */
  title(step: PlanStep): string {
    const operation = step.tool.slice(step.tool.indexOf('.') + 1);
    return titleText(parseTitle(this.tool(step) ?? { operation }));
  }

  /** Whether the plan calls more than one integration, so that sentences name it. */
  get callsSeveralIntegrations(): boolean {
    const called = this.plan.steps.filter(({ tool }) => tool !== ASK.name);
    return new Set(called.map(({ tool }) => tool.slice(0, tool.indexOf('.')))).size > 1;
  }

  /** The dependencies of a step: declared, or named by its expressions, in plan order. */
  dependenciesOf({ args, dependsOn = [], forEach, when, unless, say, pages }: PlanStep): string[] {
    const bindings = [forEach, when, unless, pages?.next].flatMap((binding) => (binding ? [binding.$] : []));
    const expressions = [...holesOf([args, say ?? null] as Json).flatMap(expressionsOf), ...bindings];
    const dependencyIds = new Set([...dependsOn, ...this.sourceOf(expressions.join('\n')).steps]);
    return this.plan.steps.flatMap(({ id }) => (dependencyIds.has(id) ? [id] : []));
  }

  /** Some steps, and all steps that their arguments depend on. */
  withAncestors(stepIds: readonly string[]): string[] {
    const reachedIds = new Set<string>();
    const visit = (id: string): void => {
      const step = this.plan.steps.find((candidate) => candidate.id === id);
      if (step === undefined || reachedIds.has(id)) return;
      reachedIds.add(id);
      const expressions = [...holesOf(step.args).flatMap(expressionsOf), step.forEach?.$ ?? ''];
      for (const sourceId of this.sourceOf(expressions.join('\n')).steps) visit(sourceId);
    };
    for (const id of stepIds) visit(id);
    return [...reachedIds];
  }

  sourceOf(expression: string, step?: PlanStep): Source {
    const code = expression.replace(STRING_LITERAL, '""');
    const roots = new Set([...code.matchAll(ROOT)].map(([, root]) => root));
    const item = roots.has('item') || roots.has('index');
    const list = item && step?.forEach !== undefined ? step.forEach.$.replace(STRING_LITERAL, '""') : '';
    const ids = new Set([...`${code}\n${list}`.matchAll(/\bsteps\.`?([A-Za-z]\w*)/g)].map(([, id]) => id!));
    return {
      steps: this.plan.steps.flatMap(({ id }) => (ids.has(id) ? [id] : [])),
      item,
      now: roots.has('now') || /\$(?:now|millis)\b/.test(code),
      context: roots.has('context') || roots.has('pairs'),
      intent: roots.has('intent'),
      input: roots.has('input'),
      user: roots.has('timeZone'),
      path: PLAIN_PATH.exec(expression.trim())?.[1],
      literals: quotedTextsIn(expression),
    };
  }

  /** Steps by their numbers: "step 1", "steps 1 and 3". */
  stepNumbersText(stepIds: readonly string[]): string {
    return joinWords(stepIds.map((stepId) => String(this.plan.steps.findIndex(({ id }) => id === stepId) + 1)));
  }

  /** The origin of a value: its main source, and all sources in words. */
  originOf(source: Source): ArgOrigin {
    const { steps, item, path } = source;
    const text = this.#originText(source);
    if (item) return { from: 'item', ...(steps[0] !== undefined && { stepId: steps[0] }), text };
    const [stepId] = steps;
    if (stepId !== undefined) return { from: 'step', stepId, ...(path !== undefined && { path }), text };
    const from = (['context', 'intent', 'input', 'now', 'user'] as const).find((root) => source[root]);
    return { from: from ?? 'literal', text };
  }

  /** The same in words: "found by List accounts". */
  #originText({ steps, item, now, context, intent, input, literals }: Source): string {
    const sourceSteps = steps.map((stepId) => this.plan.steps.find(({ id }) => id === stepId)!);
    const asksPerson = sourceSteps.some(({ tool }) => tool === ASK.name);
    const titles = [...new Set(sourceSteps.filter(({ tool }) => tool !== ASK.name).map((step) => this.title(step)))];
    const from = [
      ...(titles.length > 0 ? [`${item ? 'of an item ' : ''}found by ${joinWords(titles)}`] : []),
      ...(item && titles.length === 0 ? ['of an item of the list'] : []),
      ...(asksPerson ? ['answered by a person'] : []),
      ...(context ? ['from the context'] : []),
      ...(intent ? ['from the intent'] : []),
      ...(input ? ['from the input'] : []),
      ...(now ? ['computed from now'] : []),
    ];
    const literalsNote = literals.length > 0 ? `with ${joinWords(literals.map((text) => `"${text}"`))}` : '';
    if (from.length === 0) return `computed${literalsNote && ` ${literalsNote}`}`;
    return `${from.join(', ')}${literalsNote && `, ${literalsNote}`}`;
  }
}

/** Maximum number of texts in an origin. */
const MAX_TEXTS = 3;

// Leaves out error texts, keys of objects, words of the language and glue such as ", ".
function quotedTextsIn(expression: string): string[] {
  const code = withoutErrorArguments(expression);
  const strings = [...code.matchAll(STRING_LITERAL)].flatMap((match) => {
    const text = toSingleLine(match[1] ?? match[2] ?? '');
    const isKey = /^\s*:(?!=)/.test(code.slice(match.index + match[0].length));
    return isKey || LANGUAGE_KEYWORD.test(text) || !/[\p{L}\p{N}]/u.test(text) ? [] : [cut(text, 40)];
  });
  const literals = [...new Set(strings)];
  return literals.length > MAX_TEXTS
    ? [...literals.slice(0, MAX_TEXTS), `${literals.length - MAX_TEXTS} more`]
    : literals;
}

const ERROR_CALL = /\$(?:error|assert|refuse)\(/g;

/** An expression without the arguments of its `$refuse(…)` and the like. */
function withoutErrorArguments(expression: string): string {
  let rest = expression;
  for (const { index, 0: name } of [...expression.matchAll(ERROR_CALL)].reverse()) {
    const from = index + name.length;
    // Replaces texts by the same length without brackets, so that the remaining brackets match.
    const code = rest.replace(STRING_LITERAL, (text) => '_'.repeat(text.length));
    let depth = 1;
    let end = from;
    while (end < code.length && depth > 0) {
      if (code[end] === '(') depth++;
      if (code[end] === ')') depth--;
      end++;
    }
    rest = rest.slice(0, from) + rest.slice(end - 1);
  }
  return rest;
}
