import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { record, recordedFloors, type SetFigures, setFigures, shortfalls } from './figures.ts';
import { openPlanner } from './planner.ts';
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
  const measured = await measureAll(sets, cases);
  const faults = [...measured].flatMap(([name, figures]) =>
    shortfalls(figures, floors[name]).map((fault) => `${name}: ${fault}`),
  );
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 1;
  if (sets.length === evalSets.length) record(digest, measured, accept);
  return 0;
}

/** Measures as many sets at once as there are processors. @returns their figures in the order of the sets */
async function measureAll(sets: readonly EvalSet[], cases: boolean): Promise<Map<string, SetFigures>> {
  const figures = new Map<string, SetFigures>();
  const waiting = [...sets];
  const measureNext = async () => {
    for (let set = waiting.shift(); set; set = waiting.shift()) figures.set(set.name, await measure(set, cases));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, measureNext));
  return new Map(sets.map(({ name }) => [name, figures.get(name)!]));
}

/** Measures a set, and prints its figures. */
async function measure(set: EvalSet, cases: boolean): Promise<SetFigures> {
  const planner = openPlanner();
  const judged = await judgeSet(set, planner).finally(planner.close);
  const figures = setFigures(verdictsOf(judged));
  if (cases) for (const judgment of judged) console.log(JSON.stringify(lineOf(judgment)));
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
    const names = evalSets.map(({ name }) => name);
    const unknown = positionals.find((name) => !names.includes(name));
    if (unknown) return `There is no set ${unknown}. There are: ${names.join(', ')}.`;
    const sets = positionals.length > 0 ? evalSets.filter(({ name }) => positionals.includes(name)) : evalSets;
    return { sets, ...values };
  } catch (error) {
    return (error as Error).message;
  }
}
