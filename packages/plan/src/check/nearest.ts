/** Of more names than this only those are compared that are nearest in length. */
const MAX_COMPARED = 200;

/** A sentence that names what was probably meant, or what there is; starts with a space. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return ' There is none to choose from.';
  const scored = near(name, known).map((other) => ({ other, far: distance(name.toLowerCase(), other.toLowerCase()) }));
  scored.sort((a, b) => a.far - b.far);
  const best = scored[0]!;
  if (best.far <= Math.max(2, name.length / 3)) return ` Did you mean ${best.other}?`;
  const listed = scored.slice(0, 10).map(({ other }) => other);
  return ` There ${known.length === 1 ? 'is' : 'are'} ${listed.join(', ')}${known.length > listed.length ? ' and others' : ''}.`;
}

function near(name: string, known: readonly string[]): readonly string[] {
  if (known.length <= MAX_COMPARED) return known;
  const far = (other: string) => Math.abs(other.length - name.length);
  return [...known].sort((a, b) => far(a) - far(b)).slice(0, MAX_COMPARED);
}

/** Levenshtein distance by the two-row dynamic programme; texts are cut at 100 characters. */
function distance(a: string, b: string): number {
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
