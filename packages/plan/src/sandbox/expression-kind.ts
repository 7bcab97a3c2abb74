/** What a value is, in the words of the complaints about it. */
export type ValueKind = 'truth' | 'text' | 'number' | 'list' | 'object';

type Node = { type?: unknown; value?: unknown } & Record<string, unknown>;

const OPERATORS: Record<string, ValueKind> = {
  ...Object.fromEntries(['=', '!=', '<', '<=', '>', '>=', 'in', 'and', 'or'].map((sign) => [sign, 'truth' as const])),
  ...Object.fromEntries(['+', '-', '*', '/', '%'].map((sign) => [sign, 'number' as const])),
  '&': 'text',
  '..': 'list',
};
const FUNCTIONS: Record<string, ValueKind> = {
  ...Object.fromEntries(['exists', 'boolean', 'not', 'contains'].map((name) => [name, 'truth' as const])),
  ...Object.fromEntries(['count', 'sum', 'length', 'number', 'round'].map((name) => [name, 'number' as const])),
  ...Object.fromEntries(
    ['string', 'join', 'uppercase', 'lowercase', 'substring'].map((name) => [name, 'text' as const]),
  ),
};

/** What kind of value a node of JSONata's syntax tree surely gives, if it gives one; undefined when that cannot be told. */
export function kindOf(ast: unknown): ValueKind | undefined {
  const node = ast as Node;
  switch (node.type) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'value':
      return typeof node.value === 'boolean' ? 'truth' : undefined;
    case 'binary':
      return own(OPERATORS, node.value);
    case 'unary':
      return node.value === '[' ? 'list' : node.value === '{' ? 'object' : node.value === '-' ? 'number' : undefined;
    case 'function':
      return own(FUNCTIONS, (node.procedure as Node | undefined)?.value);
    case 'condition': {
      const then = kindOf(node.then);
      return node.else === undefined || kindOf(node.else) === then ? then : undefined;
    }
    case 'block': {
      const last = (node.expressions as unknown[] | undefined)?.at(-1);
      return last === undefined || hangs(node) ? undefined : kindOf(last);
    }
    case 'path': {
      const [only, ...more] = (node.steps as Node[] | undefined) ?? [];
      return only === undefined || more.length > 0 || hangs(node) || hangs(only) ? undefined : kindOf(only);
    }
    default:
      return undefined;
  }
}

const own = (kinds: Record<string, ValueKind>, key: unknown): ValueKind | undefined =>
  typeof key === 'string' && Object.hasOwn(kinds, key) ? kinds[key] : undefined;

/** Whether a filter or a group hangs on a node, so that it gives something else. */
const hangs = (node: Node): boolean => ['stages', 'predicate', 'group'].some((part) => part in node);
