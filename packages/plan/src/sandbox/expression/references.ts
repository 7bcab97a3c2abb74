import { isComparison, isCount, isPosition, literalsOf, type MemberPath, type Operation } from './operations.ts';
import { resultKindOf, type ValueKind } from './result-kind.ts';

/** The reads of an expression. */
export type References = {
  /** Members of the scope that it names: intent, steps, item … or unknown names. */
  roots: string[];
  /** Steps it names, each with the member it takes of it: `steps.deals.output` is {id: deals, member: output}. */
  steps: { id: string; member?: string }[];
  /** Whether it takes the scope, or all steps, as a whole (`$$`, `$keys(steps)`), so that nothing can be left out. */
  readsAll: boolean;
  /** Undefined variables and functions that it uses, without the dollar sign. */
  undefinedNames: string[];
  /** Variables and functions that it does not define itself. */
  freeNames: string[];
  /** Paths that it reads of the steps, as far as they are certain, also in filters, maps and through variables. */
  memberPaths: MemberPath[];
  /**
   * Root names that begin a path at a member of another value: `now` in `items[due < now]`. `of` is that value, if it is certain; `next`
   * the name after the dot.
   */
  nestedRoots: { name: string; next?: string; of?: MemberPath }[];
  /** Members that are called as functions: `items.map(…)`. */
  calledMembers: string[];
  /** Its operations on values of steps and items. */
  operations: Operation[];
  /** The kind of its value, if it is certain. */
  resultKind?: ValueKind | undefined;
};

/** JSONata's declared node type lacks half of the kinds. */
type Node = { type: string; value?: unknown } & Record<string, unknown>;
/** The value that names are members of: a path from the scope, [] for the scope itself, undefined for any other value. */
type Context = MemberPath | undefined;

/** Maximum number of paths and inner names of an expression, and of names in a path. */
const LIMITS = { paths: 200, depth: 30 };
/** Functions that return the items of their first argument, and functions that pass them to a function argument, with the number of its parameter. */
const SAME_ITEMS = new Set(['sort', 'distinct', 'reverse', 'filter', 'single', 'shuffle']);
const ITEM_PARAMETERS = new Map(Object.entries({ map: [0], filter: [0], single: [0], sort: [0, 1], reduce: [1] }));

/**
 * Reads the names in JSONata's syntax tree. A name is a member of the scope when its context is still the whole input: at the top, in
 * arguments and lambda bodies, after `$$.`; not after a dot, in a filter, a sort or a group.
 * @param ast the value of `jsonata(expression).ast()`
 * @param builtins names of JSONata's functions and of ours
 */
export function collectReferences(ast: unknown, builtins: ReadonlySet<string>): References {
  const reader = new ReferenceCollector(builtins);
  if (isNode(ast)) reader.visit(ast, SCOPE);
  return { ...reader.references(), resultKind: resultKindOf(ast) };
}

const SCOPE: MemberPath = [];
const isScope = (context: Context): boolean => context !== undefined && context.length === 0;

class ReferenceCollector {
  readonly #roots = new Set<string>();
  readonly #steps = new Map<string, { id: string; member?: string }>();
  readonly #usedNames = new Set<string>();
  readonly #definedNames = new Set<string>();
  readonly #variables = new Map<string, Context>();
  readonly #memberPaths = new Map<string, MemberPath>();
  readonly #nestedRoots: References['nestedRoots'] = [];
  readonly #operations: Operation[] = [];
  /** Calls of `$count` that are compared with 0 or 1. */
  readonly #countChecks = new Set<unknown>();
  readonly #calledMembers = new Set<string>();
  #readsAll = false;

  constructor(private readonly builtins: ReadonlySet<string>) {}

  references(): References {
    return {
      roots: [...this.#roots],
      steps: [...this.#steps.values()],
      readsAll: this.#readsAll,
      undefinedNames: [...this.#usedNames].filter((name) => !this.#definedNames.has(name) && !this.builtins.has(name)),
      freeNames: [...this.#usedNames].filter((name) => this.builtins.has(name)),
      memberPaths: [...this.#memberPaths.values()],
      nestedRoots: this.#nestedRoots,
      operations: this.#operations,
      calledMembers: [...this.#calledMembers],
    };
  }

  /** @returns the path of the node's value in the scope; a list has the path of its items */
  visit(node: Node, context: Context): Context {
    const value = this.#valueOf(node, context);
    if (node.type !== 'path' && node.type !== 'name') this.#visitAttachments(node, value);
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
        this.#readsAll ||= isScope(context);
        return undefined;
      case 'lambda':
        for (const argument of asNodes(node.arguments)) this.#define(String(argument.value), undefined);
        return this.#visitAll(node.body, context);
      case 'transform':
        return this.#visitAll([node.pattern, node.update, node.delete], undefined);
      case 'function':
      case 'partial':
        return this.#call(node, context);
      case 'apply':
        return this.#apply(node, context);
      case 'bind':
        return this.#bind(node, context);
      case 'binary':
        return this.#binary(node, context);
      case 'sort':
        this.#addOperation(context, { kind: 'sort' });
        for (const term of asNodes(node.terms)) this.#visitAll(term.expression, context);
        return context;
      case 'block':
        return asNodes(node.expressions).reduce<Context>((_, expression) => this.visit(expression, context), undefined);
    }
    const items = node.type === 'unary' && node.value === '[' ? asNodes(node.expressions) : [];
    if (items.length === 1) return this.visit(items[0]!, context);
    const { lhs, rhs, expression, expressions, condition, then, else: otherwise } = node;
    return this.#visitAll([lhs, rhs, expression, expressions, condition, then, otherwise], context);
  }

  #visitAll(values: unknown, context: Context): undefined {
    if (Array.isArray(values)) for (const value of values) this.#visitAll(value, context);
    else if (isNode(values)) this.visit(values, context);
  }

  #path(path: readonly Node[], context: Context, whole?: Node): Context {
    let at = context;
    for (const [index, step] of path.entries()) {
      if (step.type === 'variable' && index === 0) {
        at = this.#firstVariable(path, at);
        continue;
      }
      const value = step.type === 'name' ? this.#member(path, index, at) : this.visit(step, at);
      at = keepsContext(step) ? at : value;
    }
    if (whole) this.#visitAttachments(whole, at);
    return at;
  }

  #firstVariable(path: readonly Node[], context: Context): Context {
    const [step, next] = path as [Node, Node?];
    const value = this.#variable(step, context, next !== undefined);
    this.#visitAttachments(step, value);
    if (next !== undefined && next.type !== 'name' && step.value === '$') this.#readsAll = true;
    return value;
  }

  #member(path: readonly Node[], index: number, context: Context): Context {
    const step = path[index]!;
    const name = String(step.value);
    if (isScope(context)) {
      this.#roots.add(name);
      if (name === 'steps') this.#addStep(keepsContext(step) ? undefined : path[index + 1], path[index + 2]);
    } else if (index === 0) this.#addNestedRoot(name, path[1], context);
    const value = context && context.length < LIMITS.depth ? [...context, name] : undefined;
    if (value && context?.[0] === 'steps' && this.#memberPaths.size < LIMITS.paths)
      this.#memberPaths.set(value.join('\n'), value);
    this.#visitAttachments(step, value);
    return value;
  }

  #apply({ lhs, rhs }: Node, context: Context): Context {
    const first = isNode(lhs) ? this.visit(lhs, context) : undefined;
    if (isNode(rhs) && rhs.type === 'function') return this.#call(rhs, context, { first });
    return this.#visitAll(rhs, context);
  }

  #bind({ lhs, rhs }: Node, context: Context): Context {
    const value = isNode(rhs) ? this.visit(rhs, context) : undefined;
    if (isNode(lhs)) this.#define(String(lhs.value), value);
    return value;
  }

  #call(node: Node, context: Context, piped?: { first: Context }): Context {
    const name = this.#functionOf(node, context);
    const args = asNodes(node.arguments);
    const [head, ...rest] = args;
    const first = piped ? piped.first : head && this.visit(head, context);
    for (const arg of piped ? args : rest) {
      if (arg.type === 'lambda') this.#lambdaArgument(arg, context, first, ITEM_PARAMETERS.get(name));
      else this.visit(arg, context);
    }
    this.#addOperation(first, { kind: this.#countChecks.has(node) ? 'check' : `$${name}` });
    return SAME_ITEMS.has(name) ? first : undefined;
  }

  /** @returns the name of the function that a node calls, without the dollar sign; '' when it has none */
  #functionOf({ procedure }: Node, context: Context): string {
    if (!isNode(procedure)) return '';
    if (procedure.type === 'path') {
      const [name, ...more] = asNodes(procedure.steps);
      if (name?.type === 'name' && more.length === 0) this.#calledMembers.add(String(name.value));
      return '';
    }
    this.visit(procedure, context);
    return procedure.type === 'variable' ? String(procedure.value) : '';
  }

  /** A function as an argument. @param parameters the positions that get the items */
  #lambdaArgument(lambda: Node, context: Context, items: Context, parameters: readonly number[] = []): void {
    for (const [index, parameter] of asNodes(lambda.arguments).entries())
      this.#define(String(parameter.value), parameters.includes(index) ? items : undefined);
    this.#visitAll(lambda.body, context);
  }

  #binary({ lhs, rhs, value: sign }: Node, context: Context): undefined {
    const operands = [
      { node: lhs, opposite: rhs },
      { node: rhs, opposite: lhs },
    ];
    for (const { node, opposite } of operands)
      if (isCount(node) && isNode(opposite) && (opposite.value === 0 || opposite.value === 1))
        this.#countChecks.add(node);
    const paths = operands.map(({ node }) => (isNode(node) ? this.visit(node, context) : undefined));
    if (!isComparison(sign)) return;
    for (const [index, { opposite }] of operands.entries())
      for (const value of literalsOf(opposite)) this.#addOperation(paths[index], { kind: 'compare', sign, value });
  }

  #addOperation(path: Context, use: Omit<Operation, 'path'>): void {
    if ((path?.[0] === 'steps' || path?.[0] === 'item') && this.#operations.length < LIMITS.paths)
      this.#operations.push({ path, ...use });
  }

  #addStep(id: Node | undefined, member: Node | undefined): void {
    if (id?.type !== 'name') {
      this.#readsAll = true;
      return;
    }
    const name = member?.type === 'name' ? String(member.value) : undefined;
    this.#steps.set(`${id.value}.${name}`, { id: String(id.value), ...(name !== undefined && { member: name }) });
  }

  #addNestedRoot(name: string, next: Node | undefined, of: Context): void {
    if (this.#nestedRoots.length >= LIMITS.paths) return;
    this.#nestedRoots.push({ name, ...(next?.type === 'name' && { next: String(next.value) }), ...(of && { of }) });
  }

  #variable(node: Node, context: Context, goesOn: boolean): Context {
    if (node.value === '$' || node.value === '') {
      if (!goesOn && (node.value === '$' || isScope(context))) this.#readsAll = true;
      return node.value === '$' ? SCOPE : context;
    }
    this.#usedNames.add(String(node.value));
    return this.#variables.get(String(node.value));
  }

  /** A variable with several values has no certain path. */
  #define(name: string, value: Context): void {
    const values = this.#variables.get(name);
    const same = !this.#definedNames.has(name) || (values && value && values.join('\n') === value.join('\n'));
    this.#definedNames.add(name);
    this.#variables.set(name, same ? value : undefined);
  }

  /** Filters, groups and bindings attached to a node; they read the node's items, not the scope. */
  #visitAttachments(node: Node, items: Context): void {
    const inner = isScope(items) ? undefined : items;
    for (const stage of [...asNodes(node.stages), ...asNodes(node.predicate)]) {
      if (typeof stage.value === 'string' && stage.type === 'index') this.#define(stage.value, undefined);
      if (isNode(stage.expr)) this.#addOperation(items, { kind: isPosition(stage.expr) ? 'index' : 'filter' });
      this.#visitAll(stage.expr, inner);
    }
    if (isRecord(node.group)) this.#visitAll(node.group.lhs, inner);
    if (typeof node.focus === 'string') this.#define(node.focus, items);
    if (typeof node.index === 'string') this.#define(node.index, undefined);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isNode = (value: unknown): value is Node => isRecord(value) && 'type' in value;
const asNodes = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isRecord) : []) as Node[];
/** After `a@$v` the next step is looked up in the context of `a`. */
const keepsContext = (step: Node): boolean => typeof step.focus === 'string';
