import { kindOf, type ValueKind } from './expression-kind.ts';
import { isComparison, isCount, isPosition, literalsOf, type MemberPath, type Use } from './expression-uses.ts';

/** What an expression reads of its scope. */
export type Names = {
  /** Members of the scope that it names: intent, steps, item … or names that do not exist. */
  roots: string[];
  /** Steps it names, each with the member it takes of it: `steps.deals.output` is {id: deals, member: output}. */
  steps: { id: string; member?: string }[];
  /** Whether it takes the scope, or all steps, as a whole (`$$`, `$keys(steps)`), so that nothing can be left out. */
  whole: boolean;
  /** Variables and functions that it uses and nobody defines, without the dollar sign. */
  unknown: string[];
  /** Variables and functions that it uses from outside. */
  functions: string[];
  /** What it reads of the steps, as far as it can be told, also in filters, maps and by variables. */
  members: MemberPath[];
  /**
   * Names that mean a member of something else than the scope, where they begin a path: `now` in `items[due < now]`. `of` is that
   * something, if it can be told; `next` the name behind the dot.
   */
  inner: { name: string; next?: string; of?: MemberPath }[];
  /** Names that are called as functions although they are members: `items.map(…)`. */
  called: string[];
  /** Its operations on values of steps and items. */
  uses: Use[];
  /** What kind of value it surely gives, if it gives one. */
  gives?: ValueKind;
};

/** JSONata's declared node type leaves half of the kinds out. */
type Node = { type: string; value?: unknown } & Record<string, unknown>;
/** The value that names are members of: a path from the scope, [] for the scope itself, undefined for any other value. */
type Context = MemberPath | undefined;

/** Paths and inner names of an expression that are kept, and names of a path. */
const LIMITS = { paths: 200, depth: 30 };
/** Functions that give the items of their first argument, and those whose function argument gets them, with the number of its parameter. */
const SAME_ITEMS = new Set(['sort', 'distinct', 'reverse', 'filter', 'single', 'shuffle']);
const ITEM_PARAMETERS = new Map([
  ['map', [0]],
  ['filter', [0]],
  ['single', [0]],
  ['sort', [0, 1]],
  ['reduce', [1]],
]);

/**
 * Reads the names out of JSONata's syntax tree. A name is a member of the scope when its context is still the whole input:
 * at the top, in arguments and lambda bodies, after `$$.`; not behind a dot, in a filter, a sort or a group.
 * @param ast the value of `jsonata(expression).ast()`
 * @param builtins names of JSONata's functions and of those that we add
 */
export function namesOf(ast: unknown, builtins: ReadonlySet<string>): Names {
  const reader = new NameReader(builtins);
  if (isNode(ast)) reader.visit(ast, SCOPE);
  const gives = kindOf(ast);
  return { ...reader.names(), ...(gives && { gives }) };
}

const SCOPE: MemberPath = [];
const isScope = (context: Context): boolean => context !== undefined && context.length === 0;

class NameReader {
  readonly #builtins: ReadonlySet<string>;

  readonly #roots = new Set<string>();
  readonly #steps = new Map<string, { id: string; member?: string }>();
  readonly #used = new Set<string>();
  readonly #defined = new Set<string>();
  readonly #variables = new Map<string, Context>();
  readonly #members = new Map<string, MemberPath>();
  readonly #inner: Names['inner'] = [];
  readonly #uses: Use[] = [];
  /** Calls of `$count` that are compared with 0 or 1. */
  readonly #checks = new Set<unknown>();
  readonly #called = new Set<string>();
  #whole = false;

  constructor(builtins: ReadonlySet<string>) {
    this.#builtins = builtins;
  }

  names(): Names {
    return {
      roots: [...this.#roots],
      steps: [...this.#steps.values()],
      whole: this.#whole,
      unknown: [...this.#used].filter((name) => !this.#defined.has(name) && !this.#builtins.has(name)),
      functions: [...this.#used].filter((name) => this.#builtins.has(name)),
      members: [...this.#members.values()],
      inner: this.#inner,
      uses: this.#uses,
      called: [...this.#called],
    };
  }

  /** @returns where the value of the node stands in the scope; lists stand where their items do */
  visit(node: Node, context: Context): Context {
    const value = this.#valueOf(node, context);
    if (node.type !== 'path' && node.type !== 'name') this.#details(node, value);
    return value;
  }

  #valueOf(node: Node, context: Context): Context {
    switch (node.type) {
      case 'path':
        return this.#path(asNodes(node.steps), context, node);
      case 'name':
        return this.#path([node], context);
      case 'variable':
        return this.#variable(node, context, false);
      case 'wildcard':
      case 'descendant':
        if (isScope(context)) this.#whole = true;
        return undefined;
      case 'lambda':
        for (const argument of asNodes(node.arguments)) this.#define(String(argument.value), undefined);
        this.#visitAll(node.body, context);
        return undefined;
      case 'transform':
        for (const part of [node.pattern, node.update, node.delete]) this.#visitAll(part, undefined);
        return undefined;
      case 'function':
      case 'partial':
        return this.#call(node, context);
      case 'apply': {
        const first = isNode(node.lhs) ? this.visit(node.lhs, context) : undefined;
        if (isNode(node.rhs) && node.rhs.type === 'function') return this.#call(node.rhs, context, { first });
        this.#visitAll(node.rhs, context);
        return undefined;
      }
      case 'bind': {
        const value = isNode(node.rhs) ? this.visit(node.rhs, context) : undefined;
        if (isNode(node.lhs)) this.#define(String(node.lhs.value), value);
        return value;
      }
      case 'binary':
        return this.#binary(node, context);
      case 'sort':
        this.#noteUse(context, { by: 'sort' });
        for (const term of asNodes(node.terms)) this.#visitAll(term.expression, context);
        return context;
      case 'block':
        return asNodes(node.expressions).reduce<Context>((_, one) => this.visit(one, context), undefined);
      case 'unary': {
        const [only, ...others] = node.value === '[' ? asNodes(node.expressions) : [];
        if (only && others.length === 0) return this.visit(only, context);
        break;
      }
    }
    for (const part of ['lhs', 'rhs', 'expression', 'expressions', 'condition', 'then', 'else'])
      this.#visitAll(node[part], context);
    return undefined;
  }

  #visitAll(values: unknown, context: Context): void {
    if (Array.isArray(values)) for (const value of values) this.#visitAll(value, context);
    else if (isNode(values)) this.visit(values, context);
  }

  #path(path: readonly Node[], context: Context, whole?: Node): Context {
    let at = context;
    path.forEach((step, index) => {
      if (step.type === 'name') {
        const name = String(step.value);
        if (isScope(at)) {
          this.#roots.add(name);
          if (name === 'steps') this.#noteStep(keepsContext(step) ? undefined : path[index + 1], path[index + 2]);
        } else if (index === 0) this.#noteInner(name, path[1], at);
        const value = at && at.length < LIMITS.depth ? [...at, name] : undefined;
        if (value && at?.[0] === 'steps' && this.#members.size < LIMITS.paths)
          this.#members.set(value.join('\n'), value);
        this.#details(step, value);
        at = keepsContext(step) ? at : value;
      } else if (step.type === 'variable' && index === 0) {
        at = this.#variable(step, context, path.length > 1);
        this.#details(step, at);
        if (path.length > 1 && path[1]?.type !== 'name' && step.value === '$') this.#whole = true;
      } else {
        if (isScope(at) && (step.type === 'wildcard' || step.type === 'descendant')) this.#whole = true;
        const value = this.visit(step, at);
        at = keepsContext(step) ? at : value;
      }
    });
    if (whole) this.#details(whole, at);
    return at;
  }

  #call(node: Node, context: Context, piped?: { first: Context }): Context {
    const procedure = isNode(node.procedure) ? node.procedure : undefined;
    if (procedure?.type === 'path') {
      const [name, ...more] = asNodes(procedure.steps);
      if (name?.type === 'name' && more.length === 0) this.#called.add(String(name.value));
    } else if (procedure) this.visit(procedure, context);
    const name = procedure?.type === 'variable' ? String(procedure.value) : '';
    const args = asNodes(node.arguments);
    const [head, ...rest] = args;
    const first = piped ? piped.first : head && this.visit(head, context);
    for (const arg of piped ? args : rest) {
      if (arg.type !== 'lambda') {
        this.visit(arg, context);
        continue;
      }
      const items = ITEM_PARAMETERS.get(name) ?? [];
      for (const [index, parameter] of asNodes(arg.arguments).entries())
        this.#define(String(parameter.value), items.includes(index) ? first : undefined);
      this.#visitAll(arg.body, context);
    }
    this.#noteUse(first, { by: this.#checks.has(node) ? 'check' : `$${name}` });
    return SAME_ITEMS.has(name) ? first : undefined;
  }

  #binary({ lhs, rhs, value: sign }: Node, context: Context): undefined {
    for (const [side, other] of [
      [lhs, rhs],
      [rhs, lhs],
    ])
      if (isCount(side) && isNode(other) && (other.value === 0 || other.value === 1)) this.#checks.add(side);
    const [left, right] = [lhs, rhs].map((side) => (isNode(side) ? this.visit(side, context) : undefined));
    if (!isComparison(sign)) return;
    for (const [path, other] of [
      [left, rhs],
      [right, lhs],
    ] as const)
      for (const value of literalsOf(other)) this.#noteUse(path, { by: 'compare', sign, value });
  }

  #noteUse(path: Context, use: Omit<Use, 'path'>): void {
    if ((path?.[0] === 'steps' || path?.[0] === 'item') && this.#uses.length < LIMITS.paths)
      this.#uses.push({ path, ...use });
  }

  #noteStep(id: Node | undefined, member: Node | undefined): void {
    if (id?.type !== 'name') {
      this.#whole = true;
      return;
    }
    const name = member?.type === 'name' ? String(member.value) : undefined;
    this.#steps.set(`${id.value}.${name}`, { id: String(id.value), ...(name !== undefined && { member: name }) });
  }

  #noteInner(name: string, next: Node | undefined, of: Context): void {
    if (this.#inner.length >= LIMITS.paths) return;
    this.#inner.push({ name, ...(next?.type === 'name' && { next: String(next.value) }), ...(of && { of }) });
  }

  #variable(node: Node, context: Context, goesOn: boolean): Context {
    if (node.value === '$' || node.value === '') {
      if (!goesOn && (node.value === '$' || isScope(context))) this.#whole = true;
      return node.value === '$' ? SCOPE : context;
    }
    this.#used.add(String(node.value));
    return this.#variables.get(String(node.value));
  }

  /** A name that stands for several values stands for none that can be told. */
  #define(name: string, value: Context): void {
    const known = this.#variables.get(name);
    const same = !this.#defined.has(name) || (known && value && known.join('\n') === value.join('\n'));
    this.#defined.add(name);
    this.#variables.set(name, same ? value : undefined);
  }

  /** Filters, groups and bindings that hang on a node; they see the node's items, not the scope. */
  #details(node: Node, items: Context): void {
    for (const stage of [...asNodes(node.stages), ...asNodes(node.predicate)]) {
      if (typeof stage.value === 'string' && stage.type === 'index') this.#define(stage.value, undefined);
      if (isNode(stage.expr)) this.#noteUse(items, { by: isPosition(stage.expr) ? 'index' : 'filter' });
      this.#visitAll(stage.expr, isScope(items) ? undefined : items);
    }
    if (isRecord(node.group)) this.#visitAll(node.group.lhs, isScope(items) ? undefined : items);
    if (typeof node.focus === 'string') this.#define(node.focus, items);
    if (typeof node.index === 'string') this.#define(node.index, undefined);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isNode = (value: unknown): value is Node => isRecord(value) && 'type' in value;
const asNodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isRecord) : []) as Node[];
/** After `a@$v` the next step is looked up where `a` was. */
const keepsContext = (step: Node): boolean => typeof step.focus === 'string';
