// Checks of continuous observations (stalls after healing, slots, memory) and of decisions that come too late: invariants I18 to I23 of docs/faults.md.
import type { Evidence } from './evidence.ts';
import { weighedMs } from './processors.ts';
import { maxHeldFirstTime } from './queue.ts';
import { Case, type Verdict } from './verdict.ts';
import type { Stall } from './watch.ts';

/** Maximum stall after healing, in ms. */
const MAX_STALL_MS = 5000;
/** Maximum memory of a process at any time, in MiB. */
const MAX_MEMORY = 600;

function expectNoneLongerThan(
  it: Case,
  { watch, healedAt }: Evidence,
  kind: Stall['kind'],
  text: (stall: Stall) => string,
): void {
  it.expect(watch.samples > 0, () => 'the open runs were never read');
  const stalls = watch.stalls.filter((stall) => stall.kind === kind);
  const msOf = ({ from, to }: Stall, share?: number) =>
    weighedMs({ from: Math.max(from, healedAt), to }, watch.busy, share);
  for (const stall of stalls) {
    it.expect(
      msOf(stall) <= MAX_STALL_MS,
      () => `${stall.errand} ${stall.runId} ${text(stall)} for ${msOf(stall)} ms after healing: ${stall.row}`,
    );
  }
  const longest = (share?: number) => Math.max(0, ...stalls.map((stall) => msOf(stall, share)));
  it.note(`read ${watch.samples} times, longest ${longest()} ms after healing, ${longest(1)} with a busy machine`);
}

/** A run continues once its requests are decided. */
export function answersAreActedUpon(evidence: Evidence): Verdict {
  const it = new Case('I18', 'no run keeps waiting after its requests are decided');
  expectNoneLongerThan(it, evidence, 'decidedYetWaiting', () => 'waits although its requests are decided');
  return it.close();
}

/** A run continues once its credential is stored. */
export function credentialsAreSeen(evidence: Evidence): Verdict {
  const it = new Case('I19', 'no run waits for a credential that is stored');
  expectNoneLongerThan(it, evidence, 'credentialYetWaiting', () => 'waits for a credential that is stored');
  return it.close();
}

/** A due run is claimed, and a worker works on the runs that it claimed. */
export function dueRunsAreWorkedOn(evidence: Evidence): Verdict {
  const it = new Case('I20', 'no due run stays unclaimed, and no worker is idle with a run');
  expectNoneLongerThan(it, evidence, 'dueYetUnclaimed', () => 'was due, and nobody took it');
  expectNoneLongerThan(it, evidence, 'heldYetIdle', () => 'was with an idle worker');
  return it.close();
}

/** All workers together keep the limit of a workspace's slots. */
export function slotsAreKept({ watch: { heldFirstTime, samples }, slots, workers }: Evidence): Verdict {
  const max = maxHeldFirstTime(slots, workers);
  const it = new Case(
    'I21',
    `with ${slots} slots, at most ${max} runs of a workspace are held for the first time at once`,
  );
  it.expect(samples > 0, () => 'the open runs were never read');
  it.expect(heldFirstTime <= max, () => `${heldFirstTime} runs had a first lease at a time`);
  it.note(`at most ${heldFirstTime}`);
  return it.close();
}

export function memoryIsBounded({ watch: { peaks } }: Evidence): Verdict {
  const it = new Case('I22', `no process ever uses more than ${MAX_MEMORY} MiB`);
  for (const { name, memory } of peaks) it.expect(memory <= MAX_MEMORY, () => `${name} used ${memory.toFixed(0)} MiB`);
  it.note(peaks.map(({ name, memory }) => `${name} ${memory.toFixed(0)} MiB`).join(', '));
  return it.close();
}

/** Of two contrary decisions the second gets 409 or 410, whatever the first one was. */
export function lateDecisionsAreRefused({ facts, history, removed }: Evidence): Verdict {
  const it = new Case('I23', 'a second, contrary decision is refused as already decided');
  const gone = new Set(facts.approvals.flatMap(({ approvalId, runId }) => (removed.has(runId) ? approvalId : [])));
  for (const { operation, moment, subject, choice, status, body } of history.entries) {
    // Clients send only valid decisions, so a rejected one came second.
    if (operation !== 'decide' || moment !== 'fail') continue;
    const code = codeOf(body);
    if (status === 404 && gone.has(subject)) continue;
    it.expect(
      (status === 409 && code === 'approval_already_decided') || (status === 410 && code === 'approval_gone'),
      () => `the decision ${choice} about ${subject} got ${status} ${code}`,
    );
  }
  return it.close();
}

function codeOf(body: string | undefined): string | undefined {
  try {
    return (JSON.parse(body ?? '{}') as { code?: string }).code;
  } catch {
    return undefined;
  }
}
