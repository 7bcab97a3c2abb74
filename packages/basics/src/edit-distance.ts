/** Levenshtein distance by the two-row dynamic programme; texts are cut at 100 characters. */
export function editDistance(a: string, b: string): number {
  const from = a.slice(0, 100);
  const to = b.slice(0, 100);
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
