/** The columns that can become a field: texts and times for a text, any JSON value for an object. */
type ColumnOf<Field> = Field extends string ? string | Date : Field extends number | boolean | Date ? Field : unknown;

/** A row with a column for each field; the column of an optional field may be null. */
type RowOf<Fields> = {
  [Name in keyof Fields]-?:
    | ColumnOf<Exclude<Fields[Name], undefined>>
    | (undefined extends Fields[Name] ? null : never);
};

/** Returns a row without its null columns. */
export const withoutNulls = <Fields extends object>(row: RowOf<Fields>): Fields =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Fields;

const isoOf = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

/** Makes the fields of a response from a row: null columns are omitted, times become ISO texts. */
export const toFields = <Fields extends object>(row: RowOf<Fields>): Fields =>
  Object.fromEntries(Object.entries(withoutNulls<Fields>(row)).map(([name, value]) => [name, isoOf(value)])) as Fields;
