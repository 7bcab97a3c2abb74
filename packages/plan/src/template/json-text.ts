import type { Json } from '@errand/contracts';

/** JSON that stays text in a scope: child processes get the text, and plain paths parse it. */
export class JsonText {
  #parsed: { value: Json } | undefined;

  constructor(readonly text: string) {}

  get value(): Json {
    this.#parsed ??= { value: JSON.parse(this.text) as Json };
    return this.#parsed.value;
  }
}

/** The JSON text of a scope. Its members, and the members of `steps`, may already be JSON text. */
export const serializeScope = (scope: Readonly<Record<string, unknown>>): string =>
  serializeMembers(scope, (value, root) =>
    root === 'steps'
      ? serializeMembers(value as object, (step) => serializeMembers(step as object, serialize))
      : serialize(value),
  );

const serialize = (value: unknown): string => (value instanceof JsonText ? value.text : JSON.stringify(value));

function serializeMembers(of: object, write: (value: unknown, name: string) => string): string {
  const members = Object.entries(of).filter(([, value]) => value !== undefined);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${write(value, name)}`).join(',')}}`;
}
