/** Items of a list that is cut into pieces, and of a piece. */
const MAX_ITEMS = 10_000;

/** `$chunk`: cuts a list into lists of at most `size` items. @throws Error for another `size`, or a list that is too long */
export function chunk(list: unknown, size: unknown): unknown[][] | undefined {
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > MAX_ITEMS)
    throw new Error(`$chunk takes a list and a whole number from 1 to ${MAX_ITEMS}`);
  if (list === undefined) return undefined;
  const items: unknown[] = Array.isArray(list) ? list : [list];
  if (items.length > MAX_ITEMS) throw new Error(`$chunk takes a list of at most ${MAX_ITEMS} items`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
