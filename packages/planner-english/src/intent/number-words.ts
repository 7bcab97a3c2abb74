/** Numbers that people write as words, and what they are. */
export const SMALL: ReadonlyMap<string, number> = new Map(
  'one two three four five six seven eight nine ten eleven twelve fifteen:15 twenty:20 thirty:30 fifty:50 sixty:60 ninety:90 hundred:100'
    .split(' ')
    .map((entry, index) => [entry.split(':')[0]!, Number(entry.split(':')[1] ?? index + 1)]),
);

/** What a number in words or digits is; "a" is one. */
export const count = (text: string): number =>
  /^an?$/i.test(text) ? 1 : (SMALL.get(text.toLowerCase()) ?? Number(text));

export const NUMBER = `(?:\\d+|an?|${[...SMALL.keys()].join('|')})`;
