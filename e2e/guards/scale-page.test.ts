// Each row of a table in docs/scale.md names the command that prints its figures, and the command exists.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/scale.md', root), 'utf8');
const scenarios = readFileSync(new URL('bench/main.ts', root), 'utf8');
const cellsOf = (row: string) =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of tables, without their heads. */
const rowsOf = (text: string) =>
  text.split('\n').flatMap((line, i, all) => {
    if (!line.startsWith('|') || /^\|[-|]+\|$/.test(line) || /^\|[-|]+\|$/.test(all[i + 1] ?? '')) return [];
    return [cellsOf(line)];
  });

function faultOf(cells: readonly string[], before: readonly string[] | undefined): string | undefined {
  const command = cells.at(-1) ?? '';
  if (command === 'read in the code')
    return /\d/.test(cells.slice(1, -1).join()) ? `${cells[0]}: a figure without a command` : undefined;
  if (command === 'the same')
    return before === undefined
      ? `${cells[0]}: the same as nothing`
      : faultOf([...cells.slice(0, -1), before.at(-1)!], undefined);
  const [, scenario] = /^`pnpm bench ([\w-]+)`$/.exec(command) ?? [];
  if (scenario !== undefined)
    return scenarios.includes(`...${scenario},`) ? undefined : `${cells[0]}: no scenario ${scenario}`;
  const [, path] = /^`node scripts\/vitest\.mjs --project \w+ (\S+)`$/.exec(command) ?? [];
  if (path !== undefined && existsSync(new URL(path, root))) return undefined;
  return `${cells[0]}: names no command`;
}

/** A row says "the same" for the command of the last row that names one. */
function faultsOf(rows: readonly (readonly string[])[]): string[] {
  let named: readonly string[] | undefined;
  return rows.flatMap((cells) => {
    const fault = faultOf(cells, named);
    if (cells.at(-1)?.startsWith('`')) named = cells;
    return fault ?? [];
  });
}

test('every row of a table names its command', () => {
  const rows = rowsOf(page);
  expect(rows.length).toBeGreaterThan(30);
  expect(faultsOf(rows)).toEqual([]);
});

test('the page is short, and says of 10^7 runs that they are computed', () => {
  expect(page.split('\n').length).toBeLessThanOrEqual(200);
  expect(page).toMatch(/\| 10\^7 \|.*\| computed/);
});

test('rows without a command, with a wrong one, and figures that are only read in the code are found', () => {
  const planted =
    '| a | b |\n|---|---|\n| x | 7 |\n| y | `pnpm bench nothing` |\n| z | `node scripts/vitest.mjs --project db no/such` |\n| v | 5 | read in the code |';
  expect(faultsOf(rowsOf(planted))).toHaveLength(4);
});
