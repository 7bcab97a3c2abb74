/** The TypeScript type of each SQL parameter type. */
type Values = {
  bool: boolean;
  bytea: Uint8Array;
  float8: number;
  int: number;
  json: string;
  jsonb: string;
  text: string;
  'text[]': readonly string[];
  timestamptz: Date;
  uuid: string;
};
type Type = keyof Values;

/** A parameter: its SQL type, and its value for an input. */
type Column<Input> = { [T in Type]: { readonly type: T; readonly value: (input: Input) => Values[T] | null } }[Type];

/** Parameters by name, in the order of their numbers. */
export type Columns<Input, Name extends string = string> = Readonly<Record<Name, Column<Input>>>;

/** Numbered columns; all values are SQL. */
type Numbered<Name extends string> = {
  of: Readonly<Record<Name, string>>;
  /** The names of all columns, and their parameters. */
  names: string;
  parameters: string;
  /** The parameters as arrays with one element for each row. */
  arrays: string;
  next: number;
};

/** Numbers the parameters of a statement. @param first 2 by default, because $1 is the workspace */
export function numbered<Name extends string>(
  columns: Readonly<Record<Name, { readonly type: Type }>>,
  first = 2,
): Numbered<Name> {
  const names = Object.keys(columns) as Name[];
  const parameters = names.map((name, i) => `$${first + i}::${columns[name].type}`);
  return {
    of: Object.fromEntries(names.map((name, i) => [name, parameters[i]])) as Record<Name, string>,
    names: names.join(', '),
    parameters: parameters.join(', '),
    arrays: parameters.map((parameter) => `${parameter}[]`).join(', '),
    next: first + names.length,
  };
}

export const valuesOf = <Input>(columns: Columns<Input>, input: Input): unknown[] =>
  Object.values(columns).map(({ value }) => value(input));

export const arraysOf = <Input>(columns: Columns<Input>, inputs: readonly Input[]): unknown[][] =>
  Object.values(columns).map(({ value }) => inputs.map((input) => value(input)));

/** An array for each of these fields, for `unnest`. */
export const fieldArrays = <Row, Name extends keyof Row>(
  rows: readonly Row[],
  ...names: readonly Name[]
): Row[Name][][] => names.map((name) => rows.map((row) => row[name]));
