import { type Evidence, groupBy } from './evidence.ts';
import { type ApprovalFact, callOf, makesCall, type RunFact } from './facts.ts';
import type { Strategy } from './plans.ts';
import type { Arrival } from './third-party.ts';
import { Case, type Verdict } from './verdict.ts';

/** Resolution of times in the tables, in ms. */
const ROUNDED_MS = 2;

const needsYes: Readonly<Record<Strategy, (arrival: Arrival) => boolean>> = {
  NONE: () => false,
  ON_WRITE: ({ method }) => method !== 'GET',
  ON_TOOL_CALL: () => true,
  ON_START: () => true,
};

const isOfPlan = ({ kind }: ApprovalFact): boolean => kind === 'plan_approval';

/** The approval of a list's first page covers all pages. */
const firstPage = (call: string): string => call.replace(/ p\d+$/, '');

/** The approvals of a run for a call: of the call itself, or of the whole plan. */
const about = (candidates: readonly ApprovalFact[], call: string): ApprovalFact[] =>
  candidates.filter((approval) => isOfPlan(approval) || callOf(approval) === firstPage(call));

/** Each request has one decision, in time, and its event. */
function checkDecidedOnce(it: Case, { facts }: Evidence): void {
  const approvals = groupBy(facts.approvals, ({ runId }) => runId);
  const events = groupBy(facts.events, ({ runId }) => runId);
  for (const [runId, approvalsOfRun] of approvals) {
    const actionEvents = (events.get(runId) ?? []).filter(({ type }) => type === 'run_action');
    for (const { approvalId, decision, decidedBy, decidedAt, expiresAt } of approvalsOfRun) {
      const actions = actionEvents.flatMap(({ data }) => (data.approvalId === approvalId ? [data.action] : []));
      const expected = decision === 'void' ? '' : decision;
      it.expect(
        String(actions) === expected,
        () => `${approvalId} of ${runId}, ${decision}, has the events ${actions}`,
      );
      if (decision === 'void') continue;
      // Without `decidedBy` the request expired, which must not be early.
      const late = decidedAt! - expiresAt;
      const inTime = decidedBy === null ? late >= -ROUNDED_MS : late < ROUNDED_MS;
      it.expect(inTime, () => `${approvalId} of ${runId} was decided by ${decidedBy} ${late} ms after it had expired`);
    }
  }
}

const runOf = (call: string, runs: readonly RunFact[] = []): string | undefined =>
  runs.find((run) => makesCall(run, call))?.runId;

/** A call that needs an approval is made only after it. */
export function approvedBefore(evidence: Evidence): Verdict {
  const { errands, facts, arrivals } = evidence;
  const it = new Case(
    'I7',
    'what needs an approval is done only after it, and each request is decided once, before it expires',
  );
  const approvals = groupBy(facts.approvals, ({ runId }) => runId);
  const runs = groupBy(facts.runs, ({ errand }) => errand);
  const strategies = new Map(errands.map(({ name, strategy }) => [name, strategy]));
  for (const arrival of arrivals) {
    const errand = arrival.call.split(' ', 1)[0]!;
    if (!needsYes[strategies.get(errand) ?? 'NONE'](arrival)) continue;
    const matching = about(approvals.get(runOf(arrival.call, runs.get(errand)) ?? '') ?? [], arrival.call);
    const yes = matching.filter(({ decision }) => decision === 'approve');
    it.expect(
      yes.some(({ decidedAt }) => decidedAt! <= arrival.at + ROUNDED_MS),
      () => `${arrival.call} arrived at ${arrival.at}; approved: ${yes.map(({ decidedAt }) => decidedAt)}`,
    );
  }
  checkDecidedOnce(it, evidence);
  return it.close();
}

/** A denied, expired or cancelled call is not made. */
export function noIsNo({ facts, history, arrivals }: Evidence): Verdict {
  const it = new Case('I8', 'a denied, expired or cancelled call is never made, even if a person approves it later');
  const runs = new Map(facts.runs.map((run) => [run.runId, run]));
  const byId = new Map(facts.approvals.map((approval) => [approval.approvalId, approval]));
  const byErrand = groupBy(arrivals, ({ call }) => call.split(' ', 1)[0]!);
  for (const entry of history.entries) {
    if (entry.operation !== 'decide' || entry.moment !== 'ok') continue;
    const stored = byId.get(entry.subject);
    it.expect(
      stored?.decision === entry.choice && stored?.decidedBy !== null,
      () =>
        `${entry.subject} was decided as ${entry.choice}, and is stored as ${stored?.decision} of ${stored?.decidedBy}`,
    );
  }
  for (const approval of facts.approvals) {
    const { approvalId, runId, decision, decidedAt } = approval;
    const run = runs.get(runId)!;
    const { errand, endedAt } = run;
    it.expect(
      decision !== null || endedAt === null,
      () => `${approvalId} of ${runId} is open although the run has ended`,
    );
    if (decision === 'approve' || decision === 'deny')
      it.expect(
        endedAt === null || decidedAt! <= endedAt + ROUNDED_MS,
        () => `${approvalId} of ${runId} was decided after the end`,
      );
    if (decision === 'approve') continue;
    // An approved earlier plan may contain the same call.
    const looked = facts.approvals.filter((candidate) => candidate.runId === runId && candidate.decision === 'approve');
    const before = JSON.stringify(looked.filter(isOfPlan).map(({ args }) => args));
    const ofPlan = (call: string) => isOfPlan(approval) && !before.includes(`"${call}"`);
    const done = (byErrand.get(errand) ?? []).filter(
      ({ call }) => makesCall(run, call) && (ofPlan(call) || firstPage(call) === callOf(approval)),
    );
    it.expect(done.length === 0, () => `${approvalId} is stored as ${decision}, and ${done[0]!.call} was made`);
  }
  const words = facts.approvals.map(({ decision, decidedBy }) =>
    decision === 'deny' && decidedBy === null ? 'expired' : decision,
  );
  const late = history.entries.filter(({ operation, moment }) => operation === 'decide' && moment === 'fail').length;
  it.note(
    `${[...new Set(words)].map((word) => `${words.filter((w) => w === word).length} ${word}`).join(', ')}; ${late} answers refused`,
  );
  return it.close();
}
