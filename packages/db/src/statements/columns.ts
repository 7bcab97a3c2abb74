/** The TypeScript type that each SQL type of a parameter takes. */
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

/** A parameter of a statement: its SQL type, and its value for an input. */
type Column<Input> = { [T in Type]: { readonly type: T; readonly value: (input: Input) => Values[T] | null } }[Type];

/** Parameters of a statement by name. Their order is the order of their numbers. */
export type Columns<Input, Name extends string = string> = Readonly<Record<Name, Column<Input>>>;

/** Columns with their numbers in one statement; all of it is SQL. */
type Numbered<Name extends string> = {
  /** The parameter of each column, with its type. */
  of: Readonly<Record<Name, string>>;
  /** The names of all columns, and their parameters. */
  names: string;
  parameters: string;
  /** The parameters as arrays, one element for each row. */
  arrays: string;
  /** The first number that is free. */
  next: number;
};

/** Numbers the parameters of a statement. @param first 2 by default: parameter 1 is the workspace */
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

/** The values of columns, in the order of their numbers. */
export const valuesOf = <Input>(columns: Columns<Input>, input: Input): unknown[] =>
  Object.values(columns).map(({ value }) => value(input));

/** An array of values for each column, in the order of their numbers. */
export const arraysOf = <Input>(columns: Columns<Input>, inputs: readonly Input[]): unknown[][] =>
  Object.values(columns).map(({ value }) => inputs.map((input) => value(input)));
