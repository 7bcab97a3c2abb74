// docs/problems.md explains each code, and no others.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTable, runErrorCodes } from './base/error.ts';
import { problemValues, runErrorValues } from './base/problem-values.ts';

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

test('the last column names the values of each code, and of no other', () => {
  const valuesIn = (cells: string[]) =>
    [...(cells.at(-1) ?? '').matchAll(/`(\w+)`( \(may be absent\))?/g)].map(([, name, optional]) => [
      name,
      optional !== undefined,
    ]);
  const table = (values: Readonly<Record<string, Readonly<Record<string, string>>>>, codes: readonly string[]) =>
    Object.fromEntries(
      codes.map((code) => [code, Object.entries(values[code] ?? {}).map(([name, type]) => [name, type.endsWith('?')])]),
    );
  const documented = (rows: typeof answers) =>
    Object.fromEntries(rows!.map(({ code, cells }) => [code, valuesIn(cells)]));
  expect(documented(answers)).toEqual(table(problemValues, Object.keys(errorTable)));
  expect(documented(ends)).toEqual(table(runErrorValues, runErrorCodes));
});
