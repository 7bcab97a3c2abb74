/** Signs of other languages, and JSONata's form. */
const REMEDIES: readonly (readonly [sign: RegExp, remedy: string])[] = [
  [/=>/, 'There are no arrow functions: write function($x) { … }.'],
  [/(?<![!<>=])===?(?!>)/, 'Equality is =, not ==.'],
  [/!==/, 'Inequality is !=, not !==.'],
  [/&&/, 'Write and, not &&.'],
  [/\|\|/, 'Write or, not ||.'],
  [/!(?!=)|\bnot\s+[\w$(]/, 'Write $not(…), not !.'],
  [/\?\./, 'Write a dot, not ?.: a member of nothing is nothing.'],
  [/\bif\s*\(/, 'Write condition ? value : other, not if.'],
];

const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g;

/** The remedies for signs of other languages in an expression that JSONata cannot parse; undefined when it has none. */
export function syntaxRemedy(expression: string): string | undefined {
  const withoutStrings = expression.replace(QUOTED, "''");
  const remedies = REMEDIES.flatMap(([sign, remedy]) => (sign.test(withoutStrings) ? [remedy] : []));
  return remedies.length === 0 ? undefined : remedies.join(' ');
}

/** Methods of JavaScript, with the names of their functions in JSONata. */
const METHODS: Readonly<Record<string, string>> = {
  find: '$filter(list, function($x) { … })[0]',
  includes: 'value in list, or $contains(text, part)',
  toLowerCase: '$lowercase(text)',
  toUpperCase: '$uppercase(text)',
  concat: '$append(list, other)',
  slice: 'list[[0..2]], or $substring(text, from, length)',
  length: '$count(list), or $length(text)',
  toString: '$string(value)',
};

/** The remedy for a method call. */
export const methodRemedy = (name: string, builtins: ReadonlySet<string>): string => {
  const instead = Object.hasOwn(METHODS, name) ? METHODS[name] : builtins.has(name) ? `$${name}(list, …)` : undefined;
  return `${name} is no function here: functions begin with $ and take the value first${instead ? `; write ${instead}` : ''}.`;
};
