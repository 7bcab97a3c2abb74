import jsonata from 'jsonata';
import { LRUCache } from 'lru-cache';
import { LinearRegExp, UnsupportedPattern } from '../../schema/regex.ts';
import type { ExpressionFault, Outcome } from '../../template/hole-values.ts';
import { BUSY_FACTOR } from '../job-failure.ts';
import { limitedBuiltins, RESULT_SIZES, SMALL_RESULTS, TooLarge } from './builtin-limits.ts';
import { momentFunctions } from './moments.ts';
import { NotPlainJson, toPlainJson } from './plain-json.ts';
import { collectReferences, type References } from './references.ts';

export type Analysis = ({ ok: true } & References) | ({ ok: false } & ExpressionFault);

/** Functions that would give other values in a repeated run, or hide names from the checker. */
const refusedFunctions: Record<string, string> = {
  eval: '$eval is not available: write the expression itself',
  random: '$random is not available: a plan gives the same values each time it is run',
  shuffle: '$shuffle is not available: a plan gives the same values each time it is run',
};

/** JSONata's functions and ours, by the names under which expressions call them. Source: docs.jsonata.org, 2.2. */
const OURS = [...Object.keys(momentFunctions), 'chunk', 'refuse'];
const builtins = new Set([...Object.keys(RESULT_SIZES), ...SMALL_RESULTS, 'now', 'millis', ...OURS]);
const functionsWithLimits = await limitedBuiltins();

const TOOK_TOO_LONG = 'D1012';

// The compiled form is about as large as the text.
const parsedExpressions = new LRUCache<string, jsonata.Expression>({
  max: 500,
  maxSize: 500_000,
  sizeCalculation: (_, key) => key.length + 1,
});

function parse(expression: string, timeoutMs: number): jsonata.Expression {
  const key = `${timeoutMs} ${expression}`;
  const cached = parsedExpressions.get(key);
  if (cached) return cached;
  const compiled = jsonata(expression, {
    // A little less than the killer allows, so that most runaways cost an error, not a process.
    timeout: Math.max(1, Math.floor(timeoutMs * 0.8)),
    stack: 1000,
    sequence: 200_000,
    RegexEngine: LinearRegExp as unknown as RegExpConstructor,
  });
  for (const [name, builtin] of functionsWithLimits) compiled.assign(name, builtin);
  parsedExpressions.set(key, compiled);
  return compiled;
}

/** Parses an expression and lists its reads. Never throws. */
export function analyse(expression: string, timeoutMs: number): Analysis {
  try {
    const ast = parse(expression, timeoutMs).ast();
    tryRegexes(ast);
    const references = collectReferences(ast, builtins);
    const refusedName = references.freeNames.find((name) => Object.hasOwn(refusedFunctions, name));
    if (refusedName !== undefined) return { ok: false, message: refusedFunctions[refusedName]! };
    const [method] = references.calledMembers;
    if (method !== undefined) return { ok: false, message: methodRemedy(method, builtins) };
    return { ok: true, ...references };
  } catch (error) {
    const remedy = syntaxRemedy(expression);
    return { ok: false, ...faultOf(error), ...(remedy !== undefined && { remedy }) };
  }
}

/**
 * Evaluates one expression. The result is plain JSON. If the expression finds nothing, the value is `null` and `missing` is true. Never throws.
 * @param scope parsed JSON that belongs to this call alone
 * @param budget units that this value and others of its step may take together (`toPlainJson`)
 */
export async function evaluate(
  expression: string,
  scope: { now?: unknown },
  timeoutMs: number,
  budget: { left: number },
): Promise<Outcome> {
  const before = ownProcessorMs();
  try {
    const value = toPlainJson(await parse(expression, timeoutMs).evaluate(scope, scopeBindings(scope.now)), budget);
    return value === undefined ? { ok: true, value: null, missing: true } : { ok: true, value, missing: false };
  } catch (error) {
    // JSONata counts time by the clock. On a busy machine the expression runs again with a longer limit, which ends because the limit of
    // processor time still applies.
    if ((error as { code?: string }).code === TOOK_TOO_LONG && ownProcessorMs() - before < timeoutMs / 2)
      return await evaluate(expression, scope, timeoutMs * BUSY_FACTOR, budget);
    return { ok: false, ...faultOf(error) };
  }
}

function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** `$now` and `$millis` return the run's moment, so that a resumed plan computes the same values. */
function scopeBindings(now: unknown): Record<string, unknown> {
  const millis = typeof now === 'string' ? Date.parse(now) : Number.NaN;
  const iso = Number.isNaN(millis) ? undefined : new Date(millis).toISOString();
  const bindings: Record<string, unknown> = {
    ...momentFunctions,
    chunk,
    refuse: (sentence: unknown) => {
      throw new Refusal(typeof sentence === 'string' ? sentence : 'What is needed was not found.');
    },
    now: () => iso,
    millis: () => (Number.isNaN(millis) ? undefined : millis),
  };
  for (const [name, message] of Object.entries(refusedFunctions)) {
    bindings[name] = () => {
      throw new Error(message);
    };
  }
  return bindings;
}

/** Maximum number of items of a list that is cut into chunks, and of a chunk. */
const MAX_CHUNKED = 10_000;

/** `$chunk`: cuts a list into lists of at most `size` items. @throws Error for another `size`, or a list that is too long */
function chunk(list: unknown, size: unknown): unknown[][] | undefined {
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > MAX_CHUNKED)
    throw new Error(`$chunk takes a list and a whole number from 1 to ${MAX_CHUNKED}`);
  if (list === undefined) return undefined;
  const items: unknown[] = Array.isArray(list) ? list : [list];
  if (items.length > MAX_CHUNKED) throw new Error(`$chunk takes a list of at most ${MAX_CHUNKED} items`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** Compiles every regex of a syntax tree, so that an unsupported one is refused before it runs. */
function tryRegexes(ast: unknown): void {
  const stack: unknown[] = [ast];
  const visited = new Set<unknown>();
  while (stack.length > 0) {
    const at = stack.pop();
    if (typeof at !== 'object' || at === null || visited.has(at)) continue;
    visited.add(at);
    if (at instanceof RegExp) new LinearRegExp(at);
    else for (const part of Object.values(at)) stack.push(part);
  }
}

/** `$refuse`: the plan cannot be carried out, for the reason in its text for people. */
class Refusal extends Error {}

/** JSONata throws plain objects with a code, a position and a message; the JavaScript engine may throw errors. */
function faultOf(error: unknown): ExpressionFault {
  if (error instanceof Refusal) return { message: error.message.slice(0, 500), refused: true };
  if (error instanceof UnsupportedPattern)
    return { message: error.message, explanation: 'it uses a pattern that is not supported' };
  if (error instanceof NotPlainJson) return { message: error.message, explanation: `it ${error.message}` };
  if (error instanceof TooLarge)
    return { message: error.message, explanation: 'it makes a text or a list that is too long' };
  if (error instanceof RangeError)
    return { message: 'is nested too deeply or recurses without end', explanation: ENDLESS };
  const { message, position, code } = error as { message?: unknown; position?: unknown; code?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? error);
  return {
    message: text.slice(0, 500),
    ...(typeof position === 'number' && { position }),
    ...(typeof code === 'string' && { explanation: reasonOf(code, text) }),
  };
}

const ENDLESS = 'it is nested too deeply or never ends';

// By JSONata's codes: T for types, D for values, S for syntax. JSONata's own texts quote values and name functions and operators.
function reasonOf(code: string, text: string): string {
  if (code === 'D1011') return ENDLESS;
  if (code === TOOK_TOO_LONG) return 'it took too long';
  // $error and $assert: the plan's own text.
  if (code === 'D3137' || code === 'D3141') return `the plan stops here: ${JSON.stringify(text.slice(0, 200))}`;
  if (code.startsWith('T') || code === 'D3030') return 'a value has the wrong type';
  if (code.startsWith('D')) return 'a value is not one that can be used';
  return 'it is not well formed';
}

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

const STRINGS = /'(?:[^'\\]|\\.)*(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|`[^`]*(?:`|$)/gs;

/** The remedies for signs of other languages in an expression that JSONata cannot parse; undefined when it has none. */
function syntaxRemedy(expression: string): string | undefined {
  const withoutStrings = expression.replace(STRINGS, "''");
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
const methodRemedy = (name: string, builtins: ReadonlySet<string>): string => {
  const instead = Object.hasOwn(METHODS, name) ? METHODS[name] : builtins.has(name) ? `$${name}(list, …)` : undefined;
  return `${name} is no function here: functions begin with $ and take the value first${instead ? `; write ${instead}` : ''}.`;
};
