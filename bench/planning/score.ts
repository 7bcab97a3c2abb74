import { createSandbox } from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import { type Figures, median, quantile, round } from '../figures.ts';
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
    for (const one of cases) {
      const run = await runner.run(one);
      judged.push({ case: one, run, verdict: judge(one, run, rules) });
    }
    return judged;
  } finally {
    await runner.close();
    await sandbox.close();
  }
}

/** What changes something is told by the document's methods and the service itself, not by what the importer makes of them. */
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

export const isImpossible = ({ case: { expect } }: Judged): boolean => 'refuse' in expect;

/** How often each verdict was given, possible and impossible cases apart. */
function countVerdicts(judged: readonly Judged[]): Record<string, number> {
  return Object.fromEntries(
    VERDICTS.map((verdict) => [camel(verdict), judged.filter((one) => one.verdict === verdict).length]),
  );
}

export function figuresOf(judged: readonly Judged[]): Figures {
  const [impossible, possible] = [judged.filter(isImpossible), judged.filter((one) => !isImpossible(one))];
  const times = judged.map(({ run }) => run.planningMs);
  return {
    possible: { cases: possible.length, ...countVerdicts(possible) },
    impossible: { cases: impossible.length, ...countVerdicts(impossible) },
    planningP50Ms: round(median(times)),
    planningP95Ms: round(quantile(times, 0.95)),
  };
}

const MAX_RESULT = 500;

/** A case with what came of it, for a reader. */
export const lineOf = ({ case: { id, intent }, run: { planningMs: _, result, ...run }, verdict }: Judged) => ({
  ...{ verdict, id, intent, ...run },
  result: JSON.stringify(result)?.slice(0, MAX_RESULT),
});

const camel = (text: string) => text.replace(/ (\w)/, (_, letter: string) => letter.toUpperCase());
