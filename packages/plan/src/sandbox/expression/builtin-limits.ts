import jsonata from 'jsonata';
import { RESULT_SIZES, SMALL_RESULTS } from './builtin-sizes.ts';

/** Maximum characters of a text and items of a list during evaluation. Both are far above the limit of a result, 1 MiB. */
const MAX_SIZE = { characters: 8 * 1024 * 1024, items: 1024 * 1024 } as const;

/** Why a call or operator is refused. Its message is a sentence without its end, such as `$pad makes a list of more than 1,048,576 items`. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  constructor(readonly problem: string) {
    super(problem);
  }
}

/** JSONata's form of a function. */
type Builtin = { _jsonata_function: true; implementation: (...args: unknown[]) => unknown; signature?: unknown };

/**
 * JSONata's functions by name. Each first refuses a call that would make a text or list that is too large: such an allocation cannot be
 * interrupted, and ends the process when it does not fit.
 */
export async function limitedBuiltins(): Promise<ReadonlyMap<string, unknown>> {
  const names = [...Object.keys(RESULT_SIZES), ...SMALL_RESULTS];
  const builtins: Builtin[] = await jsonata(`[${names.map((name) => `$${name}`).join(',')}]`).evaluate({});
  return new Map(names.map((name, index) => [name, withSizeLimit(name, builtins[index]!)]));
}

function withSizeLimit(name: string, builtin: Builtin): Builtin {
  const { implementation } = builtin;
  const sizeOf = RESULT_SIZES[name];
  function call(this: unknown, ...args: unknown[]): unknown {
    for (const value of args) {
      if (typeof value === 'string' && value.length > MAX_SIZE.characters)
        throw tooLarge(`$${name}`, 'takes', 'characters');
    }
    const { characters = 0, items = 0 } = sizeOf?.(...args) ?? {};
    if (characters > MAX_SIZE.characters) throw tooLarge(`$${name}`, 'makes', 'characters');
    if (items > MAX_SIZE.items) throw tooLarge(`$${name}`, 'makes', 'items');
    return implementation.apply(this, args);
  }
  // JSONata passes arguments by the number of parameters, and reads their names from the text when a call omits some.
  const text = implementation.toString();
  Object.defineProperty(call, 'length', { value: implementation.length });
  Object.defineProperty(call, 'toString', { value: () => text });
  return { ...builtin, implementation: call };
}

/** The operator `&` calls this method of texts, so it gets the same limit. */
export function limitConcat(): void {
  const { concat } = String.prototype;
  Object.defineProperty(String.prototype, 'concat', {
    value(this: string, ...texts: string[]): string {
      if (texts.reduce((sum, text) => sum + text.length, this.length) > MAX_SIZE.characters)
        throw tooLarge('&', 'makes', 'characters');
      return concat.apply(this, texts);
    },
  });
}

function tooLarge(subject: string, verb: 'makes' | 'takes', unit: keyof typeof MAX_SIZE): TooLarge {
  const most = MAX_SIZE[unit].toLocaleString('en');
  return new TooLarge(`${subject} ${verb} a ${unit === 'items' ? 'list' : 'text'} of more than ${most} ${unit}`);
}
