// The places of ids in requests, derived from the contract, and inputs with an id in each place.
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

type Route = {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  query?: readonly string[];
};

/** An operation for any kind of callers. */
export type AnyOperation = {
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  scope: Scope | null;
  readScope?: Scope;
  callers?: string;
  http?: Route;
  schema: Schema;
  isValid: (input: unknown) => boolean;
};

/** An operation that keys may call. */
export type Operation = AnyOperation & { http: Route };

/** Every operation of the contract, at any depth. */
export const allOperations: AnyOperation[] = collect(contract, '');

/** The operations that keys may call; e2e/people has the others. */
export const operations = allOperations.filter(
  ({ callers }) => callers === undefined || callers === 'anyone' || callers === 'keys',
) as Operation[];

type Described = Pick<AnyOperation, 'kind' | 'scope' | 'readScope' | 'http' | 'callers'> & {
  input: { toJSONSchema(options: object): Schema; safeParse(value: unknown): { success: boolean } };
};
function collect(tree: object, prefix: string): AnyOperation[] {
  return Object.entries(tree).flatMap(([key, value]: [string, Described]) => {
    if (typeof value.kind !== 'string') return collect(value, `${prefix}${key}.`);
    const { kind, scope, readScope, http, callers, input } = value;
    const operation: AnyOperation = {
      name: prefix + key,
      kind,
      scope,
      ...(readScope && { readScope }),
      ...(callers && { callers }),
      ...(http && { http }),
      schema: input.toJSONSchema({ io: 'input', unrepresentable: 'any' }),
      isValid: (value) => input.safeParse(value).success,
    };
    return [operation];
  });
}

/** Ids are recognised by the name of their schema, or of the field. */
export type Kinds = {
  schemas: ReadonlySet<string>;
  fields: Readonly<Record<string, string>>;
  /** Names of schemas and fields that look like ids but are not, with the reason. */
  none: Readonly<Record<string, string>>;
};

/** An id field of an input; `kind` is null if the matrix does not know the kind. */
export type IdField = { path: string[]; kind: string | null; name: string };

const looksLikeAnId = /(Ids?|Keys?|[cC]ursor|Tokens?)$/;

/** Every field of an operation's input that may contain an id, including bodies and arrays. */
export function idFieldsOf({ schema: root }: Pick<Operation, 'schema'>, kinds: Kinds): IdField[] {
  const walk = (schema: Schema, path: string[], name: string, within: readonly string[]): IdField[] => {
    const ref = refOf(schema);
    const knownId = knownField(schema, { path, name, ref }, kinds);
    if (knownId) return knownId;
    if (ref !== undefined) {
      if (within.includes(ref)) return [];
      const target = { ...root.$defs?.[ref], $ref: undefined };
      return walk(target, path, looksLikeAnId.test(ref) ? ref : name, [...within, ref]);
    }
    const leaf = schema.type === 'string' && schema.const === undefined && !schema.enum;
    if (leaf && (looksLikeAnId.test(name) || schema.format === 'uuid')) return [{ path, kind: null, name }];
    return partsOf(schema, name).flatMap(({ part, key, called }) => walk(part, [...path, key], called, within));
  };
  return walk(root, [], '', []);
}

const refOf = ({ $ref }: Schema): string | undefined => $ref?.split('/').at(-1);

/** The id field by the names of a schema and of its field; an empty list if it is not one. */
function knownField(
  schema: Schema,
  { path, name, ref }: { path: string[]; name: string; ref: string | undefined },
  kinds: Kinds,
): IdField[] | undefined {
  for (const called of [ref, name]) {
    if (called === undefined) continue;
    if (called in kinds.none) return [];
    if (kinds.schemas.has(called)) return [{ path, kind: called, name: called }];
    const kind = kinds.fields[called];
    if (kind !== undefined && !isContainer(schema)) return [{ path, kind, name: called }];
  }
  return undefined;
}

type Part = { part: Schema; key: string; called: string };

/** The schemas within a schema. @param name of the field that it describes */
function partsOf(schema: Schema, name: string): Part[] {
  return [
    ...Object.entries(schema.properties ?? {}).map(([key, part]) => ({ part, key, called: key })),
    ...(isSchema(schema.items) ? [{ part: schema.items, key: '[]', called: name }] : []),
    ...(isSchema(schema.additionalProperties) ? [{ part: schema.additionalProperties, key: '*', called: '*' }] : []),
    ...branchesOf(schema).map((part, i) => ({ part, key: `|${i}`, called: name })),
    ...(schema.allOf ?? []).map((part, i) => ({ part, key: `&${i}`, called: name })),
  ];
}

const branchesOf = ({ anyOf, oneOf }: Schema): Schema[] => anyOf ?? oneOf ?? [];

const isSchema = (value: Schema | boolean | undefined): value is Schema => typeof value === 'object';
const isContainer = (schema: Schema) => Boolean(schema.properties ?? schema.items ?? schema.anyOf ?? schema.oneOf);

/** A placeholder for an id in an input. */
export class Hole {
  constructor(
    readonly kind: string,
    readonly path: string,
  ) {}
}

/** The smallest input that an operation accepts, with holes for its required ids, and one at the given field. */
export function inputWith({ schema: root }: Pick<Operation, 'schema'>, kinds: Kinds, field?: IdField): unknown {
  const build = (schema: Schema, name: string, at: readonly string[] | undefined, path: string[]): unknown => {
    const ref = refOf(schema);
    const kind = kindOf([ref, name], kinds);
    const [next, ...rest] = at ?? [];
    if (kind !== undefined && !isContainer(schema) && next === undefined) return new Hole(kind, path.join('/'));
    if (ref !== undefined) {
      const { $ref: _, ...beside } = schema;
      return build({ ...root.$defs![ref]!, ...beside }, ref, at, path);
    }
    const inPart = partAt(schema, next);
    if (inPart) return inPart.wrap(build(inPart.part, name, rest, [...path, ...inPart.path]));
    if (schema.properties && (next !== undefined || schema.examples === undefined))
      return Object.fromEntries(
        neededMembers(schema, next).map(([key, part]) => [
          key,
          build(part, key, key === next ? rest : undefined, [...path, key]),
        ]),
      );
    return plainValue(schema) ?? someItems(schema, (part) => build(part, name, undefined, path));
  };
  return build(root, '', field?.path, []);
}

const kindOf = (names: readonly (string | undefined)[], kinds: Kinds): string | undefined =>
  names.flatMap((name) => (name === undefined ? [] : kinds.schemas.has(name) ? [name] : (kinds.fields[name] ?? [])))[0];

/** The required members of an object, and the one at a key of a path. */
const neededMembers = ({ properties = {}, required = [] }: Schema, next: string | undefined) =>
  Object.entries(properties).filter(([key]) => key === next || required.includes(key));

/** The schema at a key of a path that is not a member: a branch, the items of an array, or the values of a map. */
function partAt(
  schema: Schema,
  key: string | undefined,
): { part: Schema; path: string[]; wrap: (value: unknown) => unknown } | undefined {
  if (key === undefined) return undefined;
  const wrap = (value: unknown) => value;
  if (key.startsWith('|')) return { part: branchesOf(schema)[Number(key.slice(1))]!, path: [], wrap };
  if (key.startsWith('&')) return { part: schema.allOf![Number(key.slice(1))]!, path: [], wrap };
  if (key === '[]') return { part: schema.items as Schema, path: ['0'], wrap: (value) => [value] };
  if (key === '*')
    return { part: schema.additionalProperties as Schema, path: ['key'], wrap: (value) => ({ key: value }) };
  return undefined;
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
