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
};

/** JSONata's declared node type leaves half of the kinds out. */
type Node = { type: string; value?: unknown } & Record<string, unknown>;
/** `scope`: names are members of the scope. `other`: they are members of some value in it. */
type Context = 'scope' | 'other';

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/**
 * Reads the names out of JSONata's syntax tree. A name is a member of the scope when its context is still the whole input:
 * at the top, in arguments and lambda bodies, after `$$.`; not behind a dot, in a filter, a sort or a group.
 * @param ast the value of `jsonata(expression).ast()`
 * @param builtins names of JSONata's functions and of those that we add
 */
export function namesOf(ast: unknown, builtins: ReadonlySet<string>): Names {
  const roots = new Set<string>();
  const steps = new Map<string, { id: string; member?: string }>();
  const used = new Set<string>();
  const defined = new Set<string>();
  let whole = false;

  const visitAll = (values: unknown, context: Context): void => {
    if (Array.isArray(values)) for (const value of values) visitAll(value, context);
    else if (isNode(values)) visit(values, context);
  };

  const visitPath = (path: Node[], context: Context): void => {
    let at = context;
    path.forEach((step, index) => {
      if (step.type === 'name') {
        if (at === 'scope') {
          roots.add(String(step.value));
          if (step.value === 'steps') noteStep(keepsContext(step) ? undefined : path[index + 1], path[index + 2]);
        }
        details(step);
        at = keepsContext(step) ? at : 'other';
      } else if (step.type === 'variable' && index === 0) {
        visitVariable(step, context, path.length > 1);
        details(step);
        at = step.value === '$' ? 'scope' : step.value === '' ? context : 'other';
        if (path.length > 1 && path[1]?.type !== 'name' && at === 'scope') whole = true;
      } else {
        if (at === 'scope' && (step.type === 'wildcard' || step.type === 'descendant')) whole = true;
        visit(step, at);
        at = keepsContext(step) ? at : 'other';
      }
    });
  };

  const noteStep = (id: Node | undefined, member: Node | undefined): void => {
    if (id?.type !== 'name') {
      whole = true;
      return;
    }
    const name = member?.type === 'name' ? String(member.value) : undefined;
    steps.set(`${id.value}.${name}`, { id: String(id.value), ...(name !== undefined && { member: name }) });
  };

  const visitVariable = (node: Node, context: Context, goesOn: boolean): void => {
    if (node.value === '$' || node.value === '') {
      if (!goesOn && (node.value === '$' || context === 'scope')) whole = true;
    } else used.add(String(node.value));
  };

  /** Filters, groups and bindings that hang on a node; they see the node's items, not the scope. */
  const details = (node: Node): void => {
    for (const stage of [...asArray(node.stages), ...asArray(node.predicate)]) {
      if (typeof stage.value === 'string' && stage.type === 'index') defined.add(stage.value);
      visitAll(stage.expr, 'other');
    }
    if (isRecord(node.group)) visitAll(node.group.lhs, 'other');
    if (typeof node.focus === 'string') defined.add(node.focus);
    if (typeof node.index === 'string') defined.add(node.index);
  };

  const visit = (node: Node, context: Context): void => {
    switch (node.type) {
      case 'path':
        visitPath(asArray(node.steps) as Node[], context);
        break;
      case 'name':
        visitPath([node], context);
        return;
      case 'variable':
        visitVariable(node, context, false);
        break;
      case 'wildcard':
      case 'descendant':
        if (context === 'scope') whole = true;
        break;
      case 'lambda':
        for (const argument of asArray(node.arguments)) defined.add(String(argument.value));
        visitAll(node.body, context);
        break;
      case 'transform':
        for (const part of [node.pattern, node.update, node.delete]) visitAll(part, 'other');
        break;
      default: {
        if (node.type === 'bind' && isNode(node.lhs)) defined.add(String(node.lhs.value));
        if (node.type === 'sort') {
          for (const term of asArray(node.terms)) visitAll(term.expression, 'other');
        }
        for (const part of [
          'lhs',
          'rhs',
          'expression',
          'expressions',
          'arguments',
          'procedure',
          'condition',
          'then',
          'else',
        ]) {
          if (node.type === 'bind' && part === 'lhs') continue;
          visitAll(node[part], context);
        }
      }
    }
    details(node);
  };

  visitAll(ast, 'scope');
  return {
    roots: [...roots],
    steps: [...steps.values()],
    whole,
    unknown: [...used].filter((name) => !defined.has(name) && !builtins.has(name)),
    functions: [...used].filter((name) => builtins.has(name)),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const asArray = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
/** After `a@$v` the next step is looked up where `a` was. */
const keepsContext = (step: Node): boolean => typeof step.focus === 'string';
