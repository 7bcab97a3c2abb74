import { isDeepStrictEqual } from 'node:util';
import { type Evidence, groupBy } from './evidence.ts';
import { type CallFact, callOf, makesCall, type RunFact } from './facts.ts';
import { chainOfRerun } from './plans.ts';
import type { Arrival } from './third-party.ts';
import { Case, type Verdict } from './verdict.ts';

/** The steps that run again: the named one, and those that need it. */
const runsAgain = (from: string): readonly string[] =>
  from === 'aside' ? ['aside'] : chainOfRerun.slice(chainOfRerun.indexOf(from as (typeof chainOfRerun)[number]));

type Rerun = { run: RunFact; from: string; before: readonly CallFact[]; calls: readonly CallFact[] };

/** A kept step has the call of the earlier run, and makes none. */
function checkKept(it: Case, { run, before, calls }: Rerun, step: string, events: Evidence['facts']['events']): void {
  const label = `${run.errand} ${run.runId}: ${step}`;
  const earlier = before.find(({ key }) => key === step);
  const kept = calls.find(({ key }) => key === step);
  it.expect(kept?.takenFrom != null, () => `${label} does not need the step, and was not taken over`);
  it.expect(
    kept?.state === 'DONE' &&
      kept.idempotencyKey === earlier?.idempotencyKey &&
      isDeepStrictEqual([kept.args, kept.output], [earlier.args, earlier.output]),
    () => `${label} is ${JSON.stringify(kept)}, and was ${JSON.stringify(earlier)}`,
  );
  const told = events.find(({ data }) => (data.step as { stepId?: string } | undefined)?.stepId === step);
  it.expect(
    told === undefined || (told.data.step as { takenFrom?: string }).takenFrom === kept?.takenFrom,
    () => `${label} is told as ${JSON.stringify(told?.data.step)}`,
  );
}

/** A step that runs again has a call of its own, and of a run that ended SUCCESS this call arrived. */
function checkMade(it: Case, { run, from, calls }: Rerun, step: string, made: readonly Arrival[]): void {
  const label = `${run.errand} was rerun from ${from}, and ${step}`;
  const call = calls.find(({ key }) => key === step);
  it.expect(call?.takenFrom == null, () => `${label} was taken over`);
  if (run.status !== 'SUCCESS') return;
  it.expect(
    call !== undefined && made.some((arrival) => arrival.call === callOf(call)),
    () => `${label} was not made, although it ended SUCCESS`,
  );
}

/** A rerun from a step makes the calls of that step and of those that need it, once, and no call before it. */
export function rerunsKeepOutputs({ errands, facts, arrivals }: Evidence): Verdict {
  const it = new Case(
    'I27',
    'a rerun from a step makes no call of the other steps again, has their outputs, and makes each call that needs the step',
  );
  const calls = groupBy(facts.calls, ({ runId }) => runId);
  const events = groupBy(facts.events, ({ runId }) => runId);
  const arrived = groupBy(arrivals, ({ call }) => call.split(' ', 1)[0]!);
  let count = 0;
  const check = (rerun: Rerun) => {
    const { run, from } = rerun;
    const again = runsAgain(from);
    const made = (arrived.get(run.errand) ?? []).filter(({ call }) => makesCall(run, call));
    for (const step of [...chainOfRerun, 'aside']) {
      const ofStep = made.filter(({ call }) => call.split(' ')[1] === step);
      if (again.includes(step)) checkMade(it, rerun, step, ofStep);
      else checkKept(it, rerun, step, events.get(run.runId) ?? []);
      it.expect(
        again.includes(step) || ofStep.length === 0,
        () => `${run.errand} was rerun from ${from}, and ${ofStep[0]!.call} was made`,
      );
    }
    count++;
  };
  for (const { name, runId: first, reruns = [] } of errands) {
    let before = first ?? '';
    for (const { from, runId: accepted } of reruns) {
      const runs = facts.runs.filter(({ rerunOf }) => rerunOf === before);
      it.expect(
        runs.length <= 1 && (accepted === undefined || runs[0]?.runId === accepted),
        () => `${name} was rerun from ${from} as ${accepted}, and its reruns are ${runs.map(({ runId }) => runId)}`,
      );
      const [run] = runs;
      if (!run) break;
      check({ run, from, before: calls.get(before) ?? [], calls: calls.get(run.runId) ?? [] });
      before = run.runId;
    }
  }
  it.note(`${count} reruns`);
  return it.close();
}
