// The locations of a JSON Schema that a caller fills, and values around each of them.
type Value = unknown;
export type Schema = {
  $ref?: string;
  $defs?: Readonly<Record<string, Schema>>;
  type?: string;
  const?: Value;
  enum?: readonly Value[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  examples?: readonly Value[];
  [keyword: string]: unknown;
};
/** The way to a location: names of members, `[]` for an item, `*` for a member of a record, numbers for a branch. */
export type Way = readonly (string | number)[];
export type Location = { way: Way; schema: Schema };

/** Stands for the shape in a value, until its JSON text replaces it. */
export const MARK = 'hostile-mark-6f1d';
const MAX_WAY = 14;

/** Values of named schemas that exist in the service. */
export type Seeds = Readonly<Record<string, Value>>;

export class SchemaPlaces {
  constructor(
    private readonly root: Schema,
    private readonly seeds: Seeds,
  ) {}

  /** All locations, each schema once a way. */
  locations(schema = this.root, way: Way = []): Location[] {
    const { target } = this.#resolved(schema);
    const inner = way.length < MAX_WAY ? this.#within(target, way) : [];
    return branchesOf(target) ? inner : [{ way, schema: target }, ...inner];
  }

  /** The smallest value that has the location. */
  valueWith(way: Way, at: Value = MARK, schema = this.root): Value {
    const { target, name } = this.#resolved(schema);
    const [step, ...rest] = way;
    if (step === undefined) return at;
    const branches = branchesOf(target);
    if (branches) return this.valueWith(rest, at, branches[step as number]!);
    if (step === '[]') return [this.valueWith(rest, at, target.items!)];
    const base = this.base(name && !target.properties ? target : { ...target, examples: undefined });
    const members = typeof base === 'object' ? base : {};
    if (step === '*') return { example: this.valueWith(rest, at, target.additionalProperties as Schema) };
    return { ...members, [step]: this.valueWith(rest, at, target.properties![step]!) };
  }

  /** A small valid value: a seed, an example, or the smallest. */
  base(schema: Schema = this.root): Value {
    const { target, name = '' } = this.#resolved(schema);
    if (name in this.seeds) return this.seeds[name];
    const { properties, required = [] } = target;
    if (!properties) return target.const ?? target.examples?.[0] ?? target.enum?.[0] ?? this.#smallest(target);
    return Object.fromEntries(required.map((key) => [key, this.seeds[`.${key}`] ?? this.base(properties[key]!)]));
  }

  #smallest(target: Schema): Value {
    const [branch] = branchesOf(target) ?? [];
    if (branch) return this.base(branch);
    const { type = '', minItems, items, minLength = 1, minimum = 1 } = target;
    if (type === 'array') return minItems ? [this.base(items!)] : [];
    return { string: 'a'.repeat(minLength), boolean: false, integer: minimum, number: minimum }[type] ?? {};
  }

  #within(target: Schema, way: Way): Location[] {
    const branches = branchesOf(target);
    if (branches) return branches.flatMap((branch, n) => this.locations(branch, [...way, n]));
    const { properties = {}, items, additionalProperties } = target;
    return [
      ...Object.entries(properties).flatMap(([name, schema]) => this.locations(schema, [...way, name])),
      ...(items ? this.locations(items, [...way, '[]']) : []),
      ...(typeof additionalProperties === 'object' ? this.locations(additionalProperties, [...way, '*']) : []),
    ];
  }

  #resolved(schema: Schema): { target: Schema; name?: string } {
    const name = schema.$ref?.split('/').at(-1);
    if (name === undefined) return { target: schema };
    return { target: this.root.$defs?.[name] ?? this.root, name };
  }
}

const branchesOf = ({ anyOf, oneOf, allOf }: Schema) => anyOf ?? oneOf ?? allOf;
