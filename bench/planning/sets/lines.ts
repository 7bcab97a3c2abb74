/** Ways to write rows as lines of text. */
export const split = (lines: string): string[][] => lines.split('\n').map((line) => line.split('|'));

/** @returns the row without the fields that are not known */
export const filled = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== ''));
