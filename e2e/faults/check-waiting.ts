// What must hold of runs that wait, and of those that hold them, at every moment after healing.
import type { Evidence } from './evidence.ts';
import { mostInTurn } from './queue.ts';
import { Case, type Verdict } from './verdict.ts';
import type { Stall } from './watch.ts';

/** How long something may stand still that nothing holds up, in ms. */
const STILL_MS = 5000;
/** What a process may hold at any time, in MiB: half of what a small machine has. */
const MAX_MEMORY = 600;

function expectNone(
  it: Case,
  { watch, healedAt }: Evidence,
  what: Stall['what'],
  text: (stall: Stall) => string,
): void {
  // A check that never looked says nothing.
  it.expect(watch.looks > 0, () => 'nobody looked');
  for (const stall of watch.stalls) {
    if (stall.what !== what) continue;
    const ms = stall.to - Math.max(stall.from, healedAt);
    it.expect(
      ms <= STILL_MS,
      () => `${stall.errand} ${stall.runId} ${text(stall)} for ${ms} ms after healing: ${stall.row}`,
    );
  }
  const lasted = watch.stalls
    .filter((stall) => stall.what === what)
    .map(({ from, to }) => to - Math.max(from, healedAt));
  it.note(`looked ${watch.looks} times, longest ${Math.max(0, ...lasted)} ms after healing`);
}

/** Whoever is answered goes on. */
export function answersAreActedUpon(evidence: Evidence): Verdict {
  const it = new Case('I18', 'no run waits on when what it asked was answered');
  expectNone(it, evidence, 'answered', () => 'waits although it was answered');
  return it.close();
}

/** Whoever is given a credential goes on. */
export function credentialsAreSeen(evidence: Evidence): Verdict {
  const it = new Case('I19', 'no run waits for a credential that is there');
  expectNone(it, evidence, 'given', () => 'waits for a credential that is there');
  return it.close();
}

/** What can go on does, and a lease means that somebody is at work. */
export function dueRunsAreWorkedOn(evidence: Evidence): Verdict {
  const it = new Case(
    'I20',
    'no run that can go on is left alone, and none is held by a worker that does nothing for it',
  );
  expectNone(it, evidence, 'due', () => 'was due, and nobody took it');
  expectNone(it, evidence, 'idle', () => 'was held, and nothing was done');
  return it.close();
}

/** A workspace has its slots, whichever worker takes its runs. */
export function slotsAreKept({ watch: { inTurn, looks }, slots, workers }: Evidence): Verdict {
  const most = mostInTurn(slots, workers);
  const it = new Case('I21', `with ${slots} slots, at most ${most} runs of a workspace are held in turn at a time`);
  it.expect(looks > 0, () => 'nobody looked');
  it.expect(inTurn <= most, () => `${inTurn} runs were held at a time`);
  it.note(`at most ${inTurn}`);
  return it.close();
}

/** Memory is bounded at its highest, not at rest alone. */
export function memoryIsBounded({ watch: { peaks } }: Evidence): Verdict {
  const it = new Case('I22', `no process ever holds more than ${MAX_MEMORY} MiB`);
  for (const { name, memory } of peaks) it.expect(memory <= MAX_MEMORY, () => `${name} held ${memory.toFixed(0)} MiB`);
  it.note(peaks.map(({ name, memory }) => `${name} ${memory.toFixed(0)} MiB`).join(', '));
  return it.close();
}

/** People who contradict each other: one is heard, the other is told so. */
export function secondsAreTold({ history }: Evidence): Verdict {
  const it = new Case('I23', 'who answers second and otherwise is told that it was decided');
  for (const { operation, moment, subject, wanted, status, body } of history.entries) {
    if (operation !== 'decide' || moment !== 'fail') continue;
    const code = codeOf(body);
    it.expect(
      (status === 409 && code === 'approval_already_decided') || (status === 410 && code === 'approval_gone'),
      () => `${subject} was answered ${wanted}, and the answer was ${status} ${code}`,
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
