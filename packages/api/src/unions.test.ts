// Values that no branch of a union of the contract allows: the errors name the allowed ones.
import { contract } from '@errand/contracts';
import { invalidInput } from '@errand/trpc-openapi';
import { expect, test } from 'vitest';

type Schema = Parameters<typeof invalidInput>[0] & {
  safeParse(value: unknown): { error?: { issues: Parameters<typeof invalidInput>[1] } };
};
type Definition = Record<string, unknown> & { type: string; getter?: () => Schema };

/** The unions in a schema, by their places. */
function unionsIn(schema: Schema, place: string, seen = new Set<Schema>()): [string, Schema][] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const def = schema._zod.def as unknown as Definition;
  const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && '_zod' in value;
  const inner = [...Object.entries(def), ...Object.entries(def.shape ?? {}), ...Object.entries(def.options ?? {})];
  if (def.getter) inner.push(['lazy', def.getter()]);
  return [
    ...(def.type === 'union' ? [[place, schema] as [string, Schema]] : []),
    ...inner.flatMap(([name, value]) => (isSchema(value) ? unionsIn(value, `${place}/${name}`, seen) : [])),
  ];
}

const operations = Object.entries(contract).flatMap(([group, ofGroup]) =>
  Object.entries(ofGroup).map(([name, { input }]) => [`${group}.${name}`, input as unknown as Schema] as const),
);
const unions = operations.flatMap(([name, input]) => unionsIn(input, name));
const values = [undefined, null, true, 5, 'nope', '', [], ['nope'], [5], {}, { type: 'nope' }, { nope: [] }];

test('no union of the contract refuses a value with “Invalid input” alone', () => {
  const silent = unions.flatMap(([place, union]) =>
    values.flatMap((value) => {
      const { issues } = union.safeParse(value).error ?? {};
      if (!issues) return [];
      const { errors = [] } = invalidInput(union, issues).options;
      return errors.some(({ message }) => message === 'Invalid input') ? [[place, value]] : [];
    }),
  );
  expect(silent).toEqual([]);
  expect(unions.length).toBeGreaterThan(10);
});
