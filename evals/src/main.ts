import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { record, recordedFloors, type SetFigures, shortfalls } from './figures.ts';
import type { Measured } from './measure-set.ts';
import { evalSets } from './sets.ts';

const USAGE = `pnpm evals [set …] [--cases] [--accept]
  Measures the built-in planner by the sets that are named, or by all. All sets together are recorded in evals/figures.json.
  --cases   also prints a line for each case, with its verdict and its calls
  --accept  records the figures as the new floors`;

/**
 * Measures the sets that the arguments name.
 * @param digest of the sources that are measured
 * @returns the exit code: 1 when a set falls under its floor or writes wrongly, which is not recorded
 */
export async function main(argv: readonly string[], digest: string): Promise<number> {
  const options = read(argv);
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`);
    return 2;
  }
  const { sets, cases, accept } = options;
  const floors = accept ? {} : recordedFloors();
  const measured = await measureAll(sets, cases);
  const faults = [...measured].flatMap(([name, figures]) =>
    shortfalls(figures, floors[name]).map((fault) => `${name}: ${fault}`),
  );
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 1;
  if (sets.length === evalSets.length) record(digest, measured, accept);
  return 0;
}

/** Measures sets in one thread a processor. @returns their figures in the order of the sets */
async function measureAll(sets: readonly string[], cases: boolean): Promise<Map<string, SetFigures>> {
  const figures = new Map<string, SetFigures>();
  const waiting = [...sets];
  const thread = async () => {
    for (let set = waiting.shift(); set; set = waiting.shift()) figures.set(set, await measure(set, cases));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, thread));
  return new Map(sets.map((set) => [set, figures.get(set)!]));
}

const PROGRAM = new URL('../dist/measure-set.js', import.meta.url);

/** Measures a set in its own thread, and prints its figures. */
async function measure(set: string, cases: boolean): Promise<SetFigures> {
  const [{ figures, lines }] = (await once(new Worker(PROGRAM, { workerData: { set } }), 'message')) as [Measured];
  if (cases) for (const line of lines) console.log(JSON.stringify(line));
  console.log(JSON.stringify({ set, ...figures }));
  return figures;
}

function read(argv: readonly string[]): { sets: readonly string[]; cases: boolean; accept: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { cases: { type: 'boolean', default: false }, accept: { type: 'boolean', default: false } },
    });
    const names = evalSets.map(({ name }) => name);
    const unknown = positionals.find((name) => !names.includes(name));
    if (unknown) return `There is no set ${unknown}. There are: ${names.join(', ')}.`;
    const sets = positionals.length > 0 ? names.filter((name) => positionals.includes(name)) : names;
    return { sets, ...values };
  } catch (error) {
    return (error as Error).message;
  }
}
