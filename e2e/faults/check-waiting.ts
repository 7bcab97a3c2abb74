// Checks of what the harness watched: stalls after healing (when all faults are undone), slots and memory, at every moment; and late
// decisions. I18 to I23 are the invariants of docs/faults.md.
import type { Evidence } from './evidence.ts';
import { msOutside } from './processors.ts';
import { maxHeldFirstTime } from './queue.ts';
import { Case, type Verdict } from './verdict.ts';
import type { Stall } from './watch.ts';

/** A run may stall for this many ms after healing. */
const MAX_STALL_MS = 5000;
/** The part that counts of a time in which all processors are busy: everything waits for its turn then, but none of it for ever. */
const BUSY_SHARE = 1 / 4;
/** The memory that a process may hold at any time, in MiB. */
const MAX_MEMORY = 600;

function expectNoneLongerThan(
  it: Case,
  { watch, healedAt }: Evidence,
  kind: Stall['what'],
  text: (stall: Stall) => string,
): void {
  it.expect(watch.samples > 0, () => 'the open runs were never read');
  const stalls = watch.stalls.filter((stall) => stall.what === kind);
  const msOf = (stall: Stall, share = BUSY_SHARE) => {
    const span = { from: Math.max(stall.from, healedAt), to: stall.to };
    const free = msOutside(span, watch.busy);
    return Math.round(free + share * (msOutside(span, []) - free));
  };
  for (const stall of stalls) {
    it.expect(
      msOf(stall) <= MAX_STALL_MS,
      () => `${stall.errand} ${stall.runId} ${text(stall)} for ${msOf(stall)} ms after healing: ${stall.row}`,
    );
  }
  const longest = (share?: number) => Math.max(0, ...stalls.map((stall) => msOf(stall, share)));
  it.note(`read ${watch.samples} times, longest ${longest()} ms after healing, ${longest(1)} with a busy machine`);
}

/** A run goes on once its requests are decided. */
export function answersAreActedUpon(evidence: Evidence): Verdict {
  const it = new Case('I18', 'no run keeps waiting after its requests are decided');
  expectNoneLongerThan(it, evidence, 'decidedYetWaiting', () => 'waits although its requests are decided');
  return it.close();
}

/** A run goes on once its credential is stored. */
export function credentialsAreSeen(evidence: Evidence): Verdict {
  const it = new Case('I19', 'no run waits for a credential that is stored');
  expectNoneLongerThan(it, evidence, 'credentialYetWaiting', () => 'waits for a credential that is stored');
  return it.close();
}

/** A due run is claimed, and a worker that holds a run works on it. */
export function dueRunsAreWorkedOn(evidence: Evidence): Verdict {
  const it = new Case(
    'I20',
    'no run that can go on is left alone, and none is held by a worker that does nothing for it',
  );
  expectNoneLongerThan(it, evidence, 'dueYetUnclaimed', () => 'was due, and nobody took it');
  expectNoneLongerThan(it, evidence, 'heldYetIdle', () => 'was held, and nothing was done');
  return it.close();
}

/** The limit of a workspace's slots is kept across all workers. */
export function slotsAreKept({ watch: { heldFirstTime, samples }, slots, workers }: Evidence): Verdict {
  const max = maxHeldFirstTime(slots, workers);
  const it = new Case(
    'I21',
    `with ${slots} slots, at most ${max} runs of a workspace are held for the first time at once`,
  );
  it.expect(samples > 0, () => 'the open runs were never read');
  it.expect(heldFirstTime <= max, () => `${heldFirstTime} runs were held at a time`);
  it.note(`at most ${heldFirstTime}`);
  return it.close();
}

/** Memory is bounded at its peak. */
export function memoryIsBounded({ watch: { peaks } }: Evidence): Verdict {
  const it = new Case('I22', `no process ever holds more than ${MAX_MEMORY} MiB`);
  for (const { name, memory } of peaks) it.expect(memory <= MAX_MEMORY, () => `${name} held ${memory.toFixed(0)} MiB`);
  it.note(peaks.map(({ name, memory }) => `${name} ${memory.toFixed(0)} MiB`).join(', '));
  return it.close();
}

/** Of two people who contradict each other, the second is refused with 409 or 410, whichever way the first one decided. */
export function lateDecisionsAreRefused({ history }: Evidence): Verdict {
  const it = new Case('I23', 'a second, contrary decision is refused as already decided');
  for (const { operation, moment, subject, wanted, status, body } of history.entries) {
    // Clients send valid decisions only, so one that was refused came second.
    if (operation !== 'decide' || moment !== 'fail') continue;
    const code = codeOf(body);
    it.expect(
      (status === 409 && code === 'approval_already_decided') || (status === 410 && code === 'approval_gone'),
      () => `the decision ${wanted} about ${subject} got ${status} ${code}`,
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
