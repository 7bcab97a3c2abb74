/** The kind of a value, in the words of the complaints about it. */
export type ValueKind = 'truth' | 'text' | 'number' | 'list' | 'object';

type Node = { type?: unknown; value?: unknown } & Record<string, unknown>;

function byName(namesOfKinds: Partial<Record<ValueKind, string>>): Record<string, ValueKind> {
  const kinds = Object.entries(namesOfKinds) as [ValueKind, string][];
  return Object.fromEntries(kinds.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind])));
}
const OPERATORS = byName({ truth: '= != < <= > >= in and or', number: '+ - * / %', text: '&', list: '..' });
const FUNCTIONS = byName({
  truth: 'exists boolean not contains',
  number: 'count sum length number round',
  text: 'string join uppercase lowercase substring',
});

const ownValue = <T>(values: Readonly<Record<string, T>>, key: unknown): T | undefined =>
  typeof key === 'string' && Object.hasOwn(values, key) ? values[key] : undefined;

/** Whether a node has a filter or a group, which changes its kind. */
const hasAttachment = (node: Node): boolean => ['stages', 'predicate', 'group'].some((part) => part in node);

const NODES: Readonly<Record<string, (node: Node) => ValueKind | undefined>> = {
  string: () => 'text',
  number: () => 'number',
  value: ({ value }) => (typeof value === 'boolean' ? 'truth' : undefined),
  binary: ({ value }) => ownValue(OPERATORS, value),
  unary: ({ value }) => ownValue({ '[': 'list', '{': 'object', '-': 'number' }, value),
  function: ({ procedure }) => ownValue(FUNCTIONS, (procedure as Node | undefined)?.value),
  condition: (node) => {
    const then = resultKindOf(node.then);
    return node.else === undefined || resultKindOf(node.else) === then ? then : undefined;
  },
  block: (node) => {
    const last = (node.expressions as unknown[] | undefined)?.at(-1);
    return last === undefined || hasAttachment(node) ? undefined : resultKindOf(last);
  },
  path: (node) => {
    const [only, ...more] = (node.steps as Node[] | undefined) ?? [];
    return only === undefined || more.length > 0 || hasAttachment(node) || hasAttachment(only)
      ? undefined
      : resultKindOf(only);
  },
};

/** The certain kind of a node of JSONata's syntax tree; undefined when the node does not decide it. */
export const resultKindOf = (ast: unknown): ValueKind | undefined => ownValue(NODES, (ast as Node).type)?.(ast as Node);
