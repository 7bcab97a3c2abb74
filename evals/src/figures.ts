import { readFileSync, writeFileSync } from 'node:fs';
import type { VerdictCounts } from './score.ts';

const FILE = new URL('../figures.json', import.meta.url);
const README = new URL('../README.md', import.meta.url);

/** The least that a set must get right, and the most wrong reads; a wrong write is never allowed. */
type Floor = { right: number; impossibleRight: number; wrongReads: number };

export type SetFigures = Omit<VerdictCounts, 'cases'> & {
  possible: number;
  impossible: number;
  impossibleRight: number;
};

/** The figures of all sets, and the digest of the sources that they were measured on (scripts/guards/evals.mjs). */
type Figures = { digest: string; sets: Record<string, SetFigures & { floor: Floor }> };

/** @returns the figures of a set; wrong and failed cases are counted over possible and impossible ones */
export function setFigures({ possible, impossible }: Record<'possible' | 'impossible', VerdictCounts>): SetFigures {
  return {
    possible: possible.cases,
    right: possible.right,
    refused: possible.refused,
    wrongReads: possible.wrongReads + impossible.wrongReads,
    wrongWrites: possible.wrongWrites + impossible.wrongWrites,
    failed: possible.failed + impossible.failed,
    impossible: impossible.cases,
    impossibleRight: impossible.right,
  };
}

/** @returns how a set falls short of its floor, for people */
export function shortfalls({ right, impossibleRight, wrongReads, wrongWrites }: SetFigures, floor?: Floor): string[] {
  const fallen = floor && [
    right < floor.right && `right ${right}, floor ${floor.right}`,
    impossibleRight < floor.impossibleRight && `impossible right ${impossibleRight}, floor ${floor.impossibleRight}`,
    wrongReads > floor.wrongReads && `wrong reads ${wrongReads}, at most ${floor.wrongReads}`,
  ];
  return [...(fallen ?? []), wrongWrites > 0 && `wrong writes ${wrongWrites}`].filter((text) => text !== false);
}

export const recordedFloors = (): Record<string, Floor | undefined> => {
  const { sets } = JSON.parse(readFileSync(FILE, 'utf8')) as Figures;
  return Object.fromEntries(Object.entries(sets).map(([name, { floor }]) => [name, floor]));
};

/** Records the figures. A set without a floor, and every set with `accept`, gets its figures as its floor. */
export function record(digest: string, measured: ReadonlyMap<string, SetFigures>, accept: boolean): void {
  const floors = accept ? {} : recordedFloors();
  const lines = [...measured].map(([name, figures]) => {
    const { right, impossibleRight, wrongReads } = figures;
    const floor = floors[name] ?? { right, impossibleRight, wrongReads };
    return `    ${JSON.stringify(name)}: ${JSON.stringify({ ...figures, floor })}`;
  });
  writeFileSync(FILE, `{\n  "digest": ${JSON.stringify(digest)},\n  "sets": {\n${lines.join(',\n')}\n  }\n}\n`);
  const page = readFileSync(README, 'utf8');
  writeFileSync(README, page.replace(TABLE, `$1${tableOf(measured)}$2`));
}

const TABLE = /(<!-- figures -->\n)[\s\S]*(<!-- end of figures -->)/;
const HEAD = `| set | possible: right | refused | wrong reads | wrong writes | failed | impossible: right |
|---|---|---|---|---|---|---|
`;

/** The figures as a table of the page, with a row for all sets together. */
export function tableOf(measured: ReadonlyMap<string, SetFigures>): string {
  const row = (name: string, set: SetFigures) =>
    `| ${name} | ${set.right} of ${set.possible} | ${set.refused} | ${set.wrongReads} | ${set.wrongWrites} | ${set.failed} | ${set.impossibleRight} of ${set.impossible} |\n`;
  const rows = [...measured].map(([name, set]) => row(name, set));
  return [HEAD, ...rows, row('**all**', sumOf([...measured.values()]))].join('');
}

function sumOf(sets: readonly SetFigures[]): SetFigures {
  const names = Object.keys(sets[0]!) as (keyof SetFigures)[];
  const sums = names.map((name) => [name, sets.reduce((sum, set) => sum + set[name], 0)]);
  return Object.fromEntries(sums) as SetFigures;
}
