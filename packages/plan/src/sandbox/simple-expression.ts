import type { Json } from '@errand/contracts';
import jsonata from 'jsonata';
import { LRUCache } from 'lru-cache';
import { toPlainJson } from './expression/plain-json.ts';
import { type PlainPath, plainPath, valueAt } from './plain-path.ts';

/** An expression of the subset of JSONata that this process evaluates. */
export type SimpleExpression = {
  /** The paths that it reads. */
  paths: readonly PlainPath[];
  /** Its value; undefined when it has none. @throws Declined when JSONata must evaluate it, or the budget is spent */
  evaluate(scope: Scope, budget: EvaluationBudget): Json | undefined;
};

/** What the expressions of one step may still take in this process: UTF-16 units of texts and values, and ten for each node. */
export type EvaluationBudget = { left: number };

export const newEvaluationBudget = (): EvaluationBudget => ({ left: MAX_UNITS });

/** Only JSONata decides the value: it maps or flattens a list, reports a wrong type or an error, or the budget of this process is spent. */
export class Declined extends Error {}

type Scope = Readonly<Record<string, unknown>>;
type Context = { scope: Scope; budget: EvaluationBudget };
type Evaluate = (context: Context) => unknown;
/** A node of JSONata's syntax tree. */
type Node = Readonly<Record<string, unknown> & { type: string; value?: unknown }>;
type Builder = { paths: PlainPath[]; nodesLeft: number };

/** Longest text that is parsed in this process, in UTF-16 units, and the most nodes of an expression. */
const MAX_TEXT = 500;
const MAX_NODES = 200;
const MAX_UNITS = 64 * 1024;
const UNITS_PER_NODE = 10;

// The compiled form takes about 60 bytes for each unit of the text.
const cache = new LRUCache<string, { expression: SimpleExpression | undefined }>({
  max: 2000,
  maxSize: 250_000,
  sizeCalculation: (_, text) => text.length + 1,
});

/** Parses literals, paths, arithmetic, comparisons, `and`, `or`, `&`, conditions, and lists and objects of these; undefined for other expressions. */
export function simpleExpression(text: string): SimpleExpression | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const cached = cache.get(text);
  if (cached) return cached.expression;
  const expression = compile(text);
  cache.set(text, { expression });
  return expression;
}

function compile(text: string): SimpleExpression | undefined {
  const path = plainPath(text);
  // A value of the scope is plain JSON already.
  if (path) return { paths: [path], evaluate: (scope) => read(path, scope) };
  const builder: Builder = { paths: [], nodesLeft: MAX_NODES };
  let ast: Node;
  try {
    ast = jsonata(text).ast() as unknown as Node;
  } catch {
    return undefined;
  }
  const root = build(ast, builder);
  const nodes = MAX_NODES - builder.nodesLeft;
  return (
    root && {
      paths: builder.paths,
      evaluate: (scope, budget) => {
        spend(budget, nodes * UNITS_PER_NODE);
        return finished(root({ scope, budget }), budget);
      },
    }
  );
}

function spend(budget: EvaluationBudget, units: number): void {
  budget.left -= units;
  if (budget.left < 0) throw new Declined();
}

function read(path: PlainPath, scope: Scope): Json | undefined {
  const at = valueAt(path, scope);
  if (at === undefined) throw new Declined();
  return at.found ? at.value : undefined;
}

/** A value as a child process would send it. */
function finished(value: unknown, budget: EvaluationBudget): Json | undefined {
  try {
    return toPlainJson(value, budget);
  } catch {
    throw new Declined();
  }
}

/** Parts of a node that change its meaning: filters, groups, sorting, and kept lists. */
const MODIFIERS = [
  'predicate',
  'stages',
  'group',
  'keepArray',
  'keepSingletonArray',
  'focus',
  'index',
  'tuple',
  'ancestor',
];
const isModified = (node: Node): boolean => MODIFIERS.some((name) => name in node);

function build(node: Node, builder: Builder): Evaluate | undefined {
  builder.nodesLeft--;
  if (builder.nodesLeft < 0 || isModified(node)) return undefined;
  return BUILDERS[node.type]?.(node, builder);
}

const literal =
  ({ value }: Node): Evaluate =>
  () =>
    value;

const BUILDERS: Readonly<Record<string, (node: Node, builder: Builder) => Evaluate | undefined>> = {
  number: literal,
  string: literal,
  value: literal,
  path: (node, builder) => {
    const path = pathOf(node.steps as Node[]);
    if (path === undefined) return undefined;
    builder.paths.push(path);
    return ({ scope }) => read(path, scope);
  },
  block: (node, builder) => {
    const [only, ...rest] = node.expressions as Node[];
    return only && rest.length === 0 ? build(only, builder) : undefined;
  },
  binary: (node, builder) => {
    const operate = OPERATORS[String(node.value)];
    const [left, right] = [build(node.lhs as Node, builder), build(node.rhs as Node, builder)];
    return operate && left && right && ((context) => operate(left(context), () => right(context), context.budget));
  },
  unary: (node, builder) => {
    if (node.value === '-') return negation(node, builder);
    return node.value === '[' ? list(node, builder) : object(node, builder);
  },
  condition: (node, builder) => {
    const [condition, whenTrue] = [build(node.condition as Node, builder), build(node.then as Node, builder)];
    const whenFalse = node.else === undefined ? () => undefined : build(node.else as Node, builder);
    return (
      condition && whenTrue && whenFalse && ((context) => (truth(condition(context)) ? whenTrue : whenFalse)(context))
    );
  },
};

/** The path of a syntax tree; undefined when a step is more than a name with numbered items. */
function pathOf(steps: readonly Node[]): PlainPath | undefined {
  const path: (string | number)[] = [];
  for (const { stages = [], ...step } of steps as (Node & { stages?: { type: string; expr: Node }[] })[]) {
    if (step.type !== 'name' || isModified(step)) return undefined;
    path.push(String(step.value));
    for (const { type, expr } of stages) {
      if (type !== 'filter' || expr.type !== 'number' || !Number.isInteger(expr.value)) return undefined;
      path.push(expr.value as number);
    }
  }
  return path;
}

function negation(node: Node, builder: Builder): Evaluate | undefined {
  const operand = build(node.expression as Node, builder);
  return (
    operand &&
    ((context) => {
      const number = numberOf(operand(context));
      return number === undefined ? undefined : -number;
    })
  );
}

function list(node: Node, builder: Builder): Evaluate | undefined {
  const nodes = node.expressions as Node[];
  const items = nodes.map((item) => build(item, builder));
  if (items.includes(undefined)) return undefined;
  return (context) => {
    const values = (items as Evaluate[]).map((item) => item(context));
    // JSONata puts the items of a list that an expression gives into the outer list, and keeps one that is written as a list.
    if (values.some((value, index) => Array.isArray(value) && nodes[index]?.value !== '[')) throw new Declined();
    return values.filter((value) => value !== undefined);
  };
}

function object(node: Node, builder: Builder): Evaluate | undefined {
  const pairs = node.lhs as [Node, Node][];
  const keys = pairs.map(([key]) => (key.type === 'string' && !isModified(key) ? String(key.value) : undefined));
  const members = pairs.map(([, value]) => build(value, builder));
  const isUsual = new Set(keys).size === keys.length && !keys.some((key) => key === undefined || key.startsWith('_'));
  if (!isUsual || members.includes(undefined)) return undefined;
  return (context) => Object.fromEntries(keys.map((key, index) => [key, members[index]!(context)]));
}

type Operate = (left: unknown, right: () => unknown, budget: EvaluationBudget) => unknown;

/** Declines anything but a number that JSON can represent, and no value. */
function numberOf(value: unknown): number | undefined {
  if (value === undefined || Number.isFinite(value)) return value as number | undefined;
  throw new Declined();
}

const arithmetic =
  (operate: (left: number, right: number) => number): Operate =>
  (leftValue, rightOf) => {
    const left = numberOf(leftValue);
    const right = numberOf(rightOf());
    return left === undefined || right === undefined ? undefined : numberOf(operate(left, right));
  };

const comparison =
  (compare: (left: string | number, right: string | number) => boolean): Operate =>
  (left, rightOf, budget) => {
    const right = rightOf();
    spendTexts(budget, left, right);
    const operands = [left, right].filter((value) => value !== undefined);
    if (operands.some((value) => typeof value !== 'string' && typeof value !== 'number')) throw new Declined();
    if (operands.length < 2) return undefined;
    if (typeof left !== typeof right) throw new Declined();
    return compare(left as string, right as string);
  };

const equality =
  (whenEqual: boolean): Operate =>
  (left, rightOf, budget) => {
    const right = rightOf();
    spendTexts(budget, left, right);
    if (left === undefined || right === undefined) return false;
    return (scalarOf(left) === scalarOf(right)) === whenEqual;
  };

/** Comparing two texts takes as long as the shorter one. */
function spendTexts(budget: EvaluationBudget, left: unknown, right: unknown): void {
  if (typeof left === 'string' && typeof right === 'string') spend(budget, Math.min(left.length, right.length));
}

function scalarOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) throw new Declined();
  return value;
}

const truth = (value: unknown): boolean => Boolean(scalarOf(value));

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const number = numberOf(value);
  // JSONata writes fractions with 15 significant digits.
  return number === undefined ? '' : JSON.stringify(Number.isInteger(number) ? number : Number(number.toPrecision(15)));
}

function concatenate(left: unknown, right: () => unknown, budget: EvaluationBudget): string {
  const text = textOf(left) + textOf(right());
  spend(budget, text.length);
  return text;
}

const OPERATORS: Readonly<Record<string, Operate>> = {
  '+': arithmetic((left, right) => left + right),
  '-': arithmetic((left, right) => left - right),
  '*': arithmetic((left, right) => left * right),
  '/': arithmetic((left, right) => left / right),
  '%': arithmetic((left, right) => left % right),
  '<': comparison((left, right) => left < right),
  '<=': comparison((left, right) => left <= right),
  '>': comparison((left, right) => left > right),
  '>=': comparison((left, right) => left >= right),
  '=': equality(true),
  '!=': equality(false),
  '&': concatenate,
  and: (left, right) => truth(left) && truth(right()),
  or: (left, right) => truth(left) || truth(right()),
};
