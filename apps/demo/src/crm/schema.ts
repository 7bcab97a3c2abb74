/** The part of OpenAPI 3.0 schemas that this service uses. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer';
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minProperties?: number;
  readonly readOnly?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
};

export type Components = Readonly<Record<string, Schema>>;

/** A reference to a component. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** The name of the component in a reference. */
export const refName = (reference: string): string => reference.slice('#/components/schemas/'.length);

/** The schema, or the target of its reference. */
export function resolve(schema: Schema, components: Components): Schema {
  return schema.$ref === undefined ? schema : components[refName(schema.$ref)]!;
}

/** Some members of a record of schemas. */
export const pick = (properties: Readonly<Record<string, Schema>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, properties[name]!]));
