// A thread that measures the set that it is started with.
import { parentPort, workerData } from 'node:worker_threads';
import { type SetFigures, setFigures } from './figures.ts';
import { createBuiltinPlanner } from './planner.ts';
import { judgeSet, lineOf, verdictsOf } from './score.ts';
import { evalSets } from './sets.ts';

export type Measured = { figures: SetFigures; lines: object[] };

const set = evalSets.find(({ name }) => name === (workerData as { set: string }).set)!;
const judged = await judgeSet(set, createBuiltinPlanner());
const measured: Measured = { figures: setFigures(verdictsOf(judged)), lines: judged.map(lineOf) };
parentPort!.postMessage(measured);
