// docs/problems.md explains each code, and no others.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTable, runErrorCodes } from './base/error.ts';

const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8');
const [answers, ends] = page.split('## Ends of runs and of calls').map((part) =>
  [...part.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code, rest]) => ({
    code: code!,
    cells: rest!.split(' | '),
  })),
);

test('the table of answers has one row for each code, with its status', () => {
  const documented = answers!.map(({ code, cells }) => [code, Number(cells[0])]);
  const statuses = Object.entries(errorTable).map(([code, { status }]) => [code, status]);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(statuses));
  expect(documented).toHaveLength(statuses.length);
});

test('the table of run errors has one row for each code', () => {
  expect(ends!.map(({ code }) => code).sort()).toEqual([...runErrorCodes].sort());
});
