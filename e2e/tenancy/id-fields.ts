// Where ids stand in what callers send, found in the contract itself, and inputs that hold one there.
import { contract, type Scope } from '@errand/contracts';

type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  format?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  examples?: unknown[];
  minimum?: number;
  minItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema | boolean;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};

export type Operation = {
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  scope: Scope;
  readScope?: Scope;
  http: { method: string; path: string; headers?: Readonly<Record<string, string>>; query?: readonly string[] };
  schema: Schema;
};

/** Every operation of the contract, however deep it stands. */
export const operations: Operation[] = collect(contract, '');

type Described = Pick<Operation, 'kind' | 'scope' | 'readScope' | 'http'> & {
  input: { toJSONSchema(options: object): Schema };
};
function collect(tree: object, prefix: string): Operation[] {
  return Object.entries(tree).flatMap(([key, value]: [string, Described]) => {
    if (typeof value.kind !== 'string') return collect(value, `${prefix}${key}.`);
    const schema = value.input.toJSONSchema({ io: 'input', unrepresentable: 'any' });
    const { kind, scope, readScope, http } = value;
    return [{ name: prefix + key, kind, scope, ...(readScope && { readScope }), http, schema }];
  });
}

/** Ids are recognised by the name of their schema, or of the field. */
export type Kinds = {
  schemas: ReadonlySet<string>;
  fields: Readonly<Record<string, string>>;
  /** Names of schemas and fields that look like ids and are none, with the reason. */
  none: Readonly<Record<string, string>>;
};

/** A field of an input that holds an id; `kind` is null where the matrix does not know of which kind it is. */
export type IdField = { path: string[]; kind: string | null; name: string };

const looksLikeAnId = /(Ids?|Keys?|[cC]ursor|Tokens?)$/;

/** Every field of an operation's input that may hold an id, within bodies and arrays too. */
export function idFieldsOf({ schema: root }: Operation, kinds: Kinds): IdField[] {
  const walk = (schema: Schema, path: string[], name: string, within: readonly string[]): IdField[] => {
    const ref = schema.$ref?.split('/').at(-1);
    for (const called of [ref, name]) {
      if (called === undefined) continue;
      if (called in kinds.none) return [];
      if (kinds.schemas.has(called)) return [{ path, kind: called, name: called }];
      const kind = kinds.fields[called];
      if (kind !== undefined && !isContainer(schema)) return [{ path, kind, name: called }];
    }
    if (ref !== undefined) {
      if (within.includes(ref)) return [];
      return walk({ ...root.$defs?.[ref], $ref: undefined }, path, looksLikeAnId.test(ref) ? ref : name, [
        ...within,
        ref,
      ]);
    }
    const into = (part: Schema, key: string, called = name) => walk(part, [...path, key], called, within);
    const parts = [
      ...Object.entries(schema.properties ?? {}).flatMap(([key, part]) => into(part, key, key)),
      ...(isSchema(schema.items) ? into(schema.items, '[]') : []),
      ...(isSchema(schema.additionalProperties) ? into(schema.additionalProperties, '*', '*') : []),
      ...(schema.anyOf ?? schema.oneOf ?? []).flatMap((part, i) => into(part, `|${i}`)),
      ...(schema.allOf ?? []).flatMap((part, i) => into(part, `&${i}`)),
    ];
    const leaf = schema.type === 'string' && schema.const === undefined && !schema.enum;
    if (leaf && (looksLikeAnId.test(name) || schema.format === 'uuid')) return [{ path, kind: null, name }];
    return parts;
  };
  return walk(root, [], '', []);
}

const isSchema = (value: Schema | boolean | undefined): value is Schema => typeof value === 'object';
const isContainer = (schema: Schema) => Boolean(schema.properties ?? schema.items ?? schema.anyOf ?? schema.oneOf);

/** Stands in an input for an id that is yet to be chosen. */
export class Hole {
  constructor(
    readonly kind: string,
    readonly path: string,
  ) {}
}

/** The smallest input that an operation takes, with holes for the ids that it needs, and one at the given field. */
export function inputWith({ schema: root }: Operation, kinds: Kinds, field?: IdField): unknown {
  const build = (schema: Schema, name: string, at: readonly string[] | undefined, path: string[]): unknown => {
    const ref = schema.$ref?.split('/').at(-1);
    const kind = [ref, name].flatMap((called) =>
      called === undefined ? [] : kinds.schemas.has(called) ? [called] : (kinds.fields[called] ?? []),
    )[0];
    if (kind !== undefined && !isContainer(schema) && (at === undefined || at.length === 0))
      return new Hole(kind, path.join('/'));
    if (ref !== undefined) {
      const { $ref: _, ...beside } = schema;
      return build({ ...root.$defs![ref]!, ...beside }, ref, at, path);
    }
    const next = at?.[0];
    const rest = at?.slice(1);
    if (next?.startsWith('|')) return build((schema.anyOf ?? schema.oneOf)![Number(next.slice(1))]!, name, rest, path);
    if (next?.startsWith('&')) return build(schema.allOf![Number(next.slice(1))]!, name, rest, path);
    if (next === '[]') return [build(schema.items as Schema, name, rest, [...path, '0'])];
    if (next === '*') return { key: build(schema.additionalProperties as Schema, name, rest, [...path, 'key']) };
    if (schema.properties && (next !== undefined || schema.examples === undefined)) {
      const wanted = Object.entries(schema.properties).filter(
        ([key]) => key === next || schema.required?.includes(key),
      );
      return Object.fromEntries(
        wanted.map(([key, part]) => [key, build(part, key, key === next ? rest : undefined, [...path, key])]),
      );
    }
    return plainValue(schema) ?? someItems(schema, (part) => build(part, name, undefined, path));
  };
  return build(root, '', field?.path, []);
}

const plainValue = ({ const: only, examples, default: standard, enum: some }: Schema): unknown =>
  only ?? examples?.[0] ?? standard ?? some?.[0];

function someItems(schema: Schema, build: (schema: Schema) => unknown): unknown {
  const branch = (schema.anyOf ?? schema.oneOf)?.[0];
  if (branch) return build(branch);
  if (schema.type === 'array') return schema.minItems ? [build(schema.items as Schema)] : [];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  return schema.type === 'boolean' ? true : schema.type === 'object' ? {} : 'text';
}

/** The holes of an input. */
export function holesOf(input: unknown): Hole[] {
  if (input instanceof Hole) return [input];
  return typeof input === 'object' && input !== null ? Object.values(input).flatMap(holesOf) : [];
}

/** An input with its holes filled. */
export function fill(input: unknown, values: ReadonlyMap<Hole, string>): unknown {
  if (input instanceof Hole) return values.get(input);
  if (Array.isArray(input)) return input.map((each) => fill(each, values));
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, fill(value, values)]));
}
