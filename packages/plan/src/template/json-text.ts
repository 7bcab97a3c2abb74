import type { Json } from '@errand/contracts';

/** JSON that stays text in a scope: threads are sent the text, and plain paths parse it. */
export class JsonText {
  #parsed: { value: Json } | undefined;

  constructor(readonly text: string) {}

  get value(): Json {
    this.#parsed ??= { value: JSON.parse(this.text) as Json };
    return this.#parsed.value;
  }
}

/** The JSON text of a scope: its members, and those of `steps`, may hold JSON that is text already. */
export const scopeText = (scope: Readonly<Record<string, unknown>>): string =>
  object(scope, (value, root) =>
    root === 'steps' ? object(value as object, (step) => object(step as object, raw)) : raw(value),
  );

const raw = (value: unknown): string => (value instanceof JsonText ? value.text : JSON.stringify(value));

function object(of: object, write: (value: unknown, name: string) => string): string {
  const members = Object.entries(of).filter(([, value]) => value !== undefined);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${write(value, name)}`).join(',')}}`;
}
