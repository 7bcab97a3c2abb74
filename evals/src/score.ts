import { createSandbox } from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import { type EvalCase, VERDICTS, type Verdict } from './eval-case.ts';
import { judge, type Rules } from './judge.ts';
import { type EvalRun, EvalRunner } from './run-eval.ts';
import type { TestedService } from './running-service.ts';

/** Cases and the services that they name. */
export type EvalSet = { name: string; services: readonly TestedService[]; cases: readonly EvalCase[] };

export type Judged = { case: EvalCase; run: EvalRun; verdict: Verdict };

/** Plans, runs and judges all cases of a set. */
export async function judgeSet({ services, cases }: EvalSet, planner: Planner): Promise<Judged[]> {
  const sandbox = createSandbox();
  const runner = new EvalRunner(services, planner, sandbox);
  try {
    const rules = await rulesOf(services, runner);
    const judged: Judged[] = [];
    for (const each of cases) {
      const run = await runner.run(each);
      judged.push({ case: each, run, verdict: judge(each, run, rules) });
    }
    return judged;
  } finally {
    await runner.close();
    await sandbox.close();
  }
}

/** Which operations write follows from the document's methods and the service, not from the importer. */
async function rulesOf(services: readonly TestedService[], runner: EvalRunner): Promise<Rules> {
  const writes = new Set<string>();
  for (const { id, reads = [] } of services) {
    for (const { name, operation, method } of await runner.tools(id))
      if (method !== 'GET' && method !== 'HEAD' && !reads.includes(operation)) writes.add(name);
  }
  const paging = new Map(services.map((service) => [service.id, service.paging ?? []]));
  return {
    writes: (operation) => writes.has(operation),
    paging: (operation) => paging.get(operation.split('.')[0]!) ?? [],
  };
}

export type VerdictCounts = { cases: number; right: number; refused: number } & Record<
  'wrongReads' | 'wrongWrites' | 'failed',
  number
>;

function countsOf(judged: readonly Judged[]): VerdictCounts {
  const [right, refused, wrongReads, wrongWrites, failed] = VERDICTS.map(
    (verdict) => judged.filter((each) => each.verdict === verdict).length,
  ) as [number, number, number, number, number];
  return { cases: judged.length, right, refused, wrongReads, wrongWrites, failed };
}

/** The number of each verdict, for possible and for impossible cases. */
export function verdictsOf(judged: readonly Judged[]): Record<'possible' | 'impossible', VerdictCounts> {
  const isImpossible = ({ case: { expect } }: Judged) => 'refuse' in expect;
  return {
    possible: countsOf(judged.filter((each) => !isImpossible(each))),
    impossible: countsOf(judged.filter(isImpossible)),
  };
}

const MAX_RESULT = 500;

/** A case and its run, for readers. */
export const lineOf = ({ case: { id, intent }, run: { planningMs: _, result, ...run }, verdict }: Judged) => ({
  verdict,
  id,
  intent,
  ...run,
  result: JSON.stringify(result)?.slice(0, MAX_RESULT),
});
