// The columns that a person may choose, in the order in which they are offered.
export const COLUMN_IDS = [
  'user',
  'integrations',
  'requester',
  'steps',
  'calls',
  'tokens',
  'cost',
  'duration',
  'ended',
  'created',
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

export const DEFAULT_COLUMNS: readonly ColumnId[] = ['steps', 'duration', 'created'];

/** The columns among the values, each once; undefined if it is no list. */
export function columnsOf(value: unknown): readonly ColumnId[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const known = value.filter((id): id is ColumnId => (COLUMN_IDS as readonly unknown[]).includes(id));
  return [...new Set(known)];
}

/** Adds a column at the place at which the dialog offers it. */
export function withColumn(columns: readonly ColumnId[], id: ColumnId): readonly ColumnId[] {
  const at = columns.findIndex((each) => COLUMN_IDS.indexOf(each) > COLUMN_IDS.indexOf(id));
  return at === -1 ? [...columns, id] : columns.toSpliced(at, 0, id);
}
