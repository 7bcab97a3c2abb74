import { parseArgs } from 'node:util';
import { record, recordedFloors, type SetFigures, setFigures, shortfalls } from './figures.ts';
import { createBuiltinPlanner } from './planner.ts';
import { type EvalSet, judgeSet, lineOf, verdictsOf } from './score.ts';
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
  const measured = new Map<string, SetFigures>();
  const faults: string[] = [];
  for (const set of sets) {
    const figures = await measure(set, cases);
    measured.set(set.name, figures);
    faults.push(...shortfalls(figures, floors[set.name]).map((fault) => `${set.name}: ${fault}`));
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 1;
  if (sets.length === evalSets.length) record(digest, measured, accept);
  return 0;
}

/** Measures a set and prints its figures. */
async function measure(set: EvalSet, cases: boolean): Promise<SetFigures> {
  const judged = await judgeSet(set, createBuiltinPlanner());
  if (cases) for (const each of judged) console.log(JSON.stringify(lineOf(each)));
  const figures = setFigures(verdictsOf(judged));
  console.log(JSON.stringify({ set: set.name, ...figures }));
  return figures;
}

function read(argv: readonly string[]): { sets: readonly EvalSet[]; cases: boolean; accept: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { cases: { type: 'boolean', default: false }, accept: { type: 'boolean', default: false } },
    });
    const unknown = positionals.find((name) => !evalSets.some((set) => set.name === name));
    if (unknown) return `There is no set ${unknown}. There are: ${evalSets.map(({ name }) => name).join(', ')}.`;
    const sets = positionals.length > 0 ? evalSets.filter(({ name }) => positionals.includes(name)) : evalSets;
    return { sets, ...values };
  } catch (error) {
    return (error as Error).message;
  }
}
