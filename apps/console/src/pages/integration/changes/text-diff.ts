// The difference of two texts, line by line.

export type DiffLine = { sign: ' ' | '-' | '+'; text: string };

/** Longer parts that differ are compact as removed and added as a whole. */
const MAX_LINES = 1_000;

/** The lines of both texts, in order: equal ones, removed ones and added ones. */
export function textDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [
    ...marked(' ', a.slice(0, start)),
    ...between(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...marked(' ', a.slice(a.length - end)),
  ];
}

const marked = (sign: DiffLine['sign'], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign, text }));

/** By the longest common subsequence. */
function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length > MAX_LINES || b.length > MAX_LINES) return [...marked('-', a), ...marked('+', b)];
  const width = b.length + 1;
  // lengths[i * width + j]: of the longest common subsequence of a from i and b from j.
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i]! });
      i++;
      j++;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) lines.push({ sign: '-', text: a[i++]! });
    else lines.push({ sign: '+', text: b[j++]! });
  }
  return [...lines, ...marked('-', a.slice(i)), ...marked('+', b.slice(j))];
}

export type DiffGap = { hidden: number };

/** The changed lines with some lines around each; the others are counted. */
export function withContext(lines: readonly DiffLine[], around = 3): (DiffLine | DiffGap)[] {
  const isNear = new Array<boolean>(lines.length).fill(false);
  for (const [n, { sign }] of lines.entries())
    if (sign !== ' ') isNear.fill(true, Math.max(0, n - around), n + around + 1);
  const compact: (DiffLine | DiffGap)[] = [];
  for (const [n, line] of lines.entries()) {
    const last = compact.at(-1);
    if (isNear[n]) compact.push(line);
    else if (last && 'hidden' in last) last.hidden++;
    else compact.push({ hidden: 1 });
  }
  return compact;
}
