/** Of more names, only the nearest in length are compared. */
const MAX_COMPARED = 200;

/** A sentence that suggests the probable name, or lists the existing ones; starts with a space. */
export function nearest(name: string, names: readonly string[]): string {
  if (names.length === 0) return ' There is none to choose from.';
  const scored = near(name, names).map((candidate) => ({
    other: candidate,
    far: distance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  scored.sort((a, b) => a.far - b.far);
  const best = scored[0]!;
  if (best.far <= Math.max(2, name.length / 3)) return ` Did you mean ${best.other}?`;
  const listed = scored.slice(0, 10).map(({ other: candidate }) => candidate);
  return ` There ${names.length === 1 ? 'is' : 'are'} ${listed.join(', ')}${names.length > listed.length ? ' and others' : ''}.`;
}

function near(name: string, names: readonly string[]): readonly string[] {
  if (names.length <= MAX_COMPARED) return names;
  const far = (candidate: string) => Math.abs(candidate.length - name.length);
  return [...names].sort((a, b) => far(a) - far(b)).slice(0, MAX_COMPARED);
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
