import { demoServices } from './demo.ts';
import type { EvalCase } from './eval-case.ts';
import type { EvalSet } from './score.ts';
import demo from './sets/demo/cases.json' with { type: 'json' };

const cases = (list: unknown) => list as readonly EvalCase[];

export const evalSets: readonly EvalSet[] = [{ name: 'demo', services: demoServices, cases: cases(demo) }];
