/** Items of a list that is cut into pieces, and of a piece. */
const MAX_ITEMS = 10_000;

/** `$chunk` as expressions call it: the pieces of a list, each of so many items but the last. @throws an error that says what is wrong */
export function chunk(list: unknown, size: unknown): unknown[][] | undefined {
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > MAX_ITEMS)
    throw new Error(`$chunk takes a list and a whole number from 1 to ${MAX_ITEMS}`);
  if (list === undefined) return undefined;
  const items: unknown[] = Array.isArray(list) ? list : [list];
  if (items.length > MAX_ITEMS) throw new Error(`$chunk takes a list of at most ${MAX_ITEMS} items`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
