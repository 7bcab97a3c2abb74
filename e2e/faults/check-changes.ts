// Checks of failovers and switchovers: invariants I28 to I30 of docs/faults.md.
import type { ServerChange } from './changes.ts';
import type { Evidence } from './evidence.ts';
import { weighedMs } from './processors.ts';
import { Case, type Verdict } from './verdict.ts';

/** From the moment in which the new primary can acknowledge a commit to the first success, in ms. */
const SUCCEEDS_IN_MS = 30_000;

/** When the address led to the new primary, and no commit had to wait for the second copy. */
const possibleFrom = ({ waits, ledAt, pairedAt }: ServerChange): number => (waits ? Math.max(ledAt, pairedAt) : ledAt);

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** Clients succeed soon after a change of the primary. Without other faults, every process accepts an errand soon. */
export function successFollows({ changes, onlyChanges, watch }: Evidence): Verdict {
  const who = onlyChanges ? 'every process' : 'one process';
  const it = new Case('I28', `${SUCCEEDS_IN_MS / 1000} s after a change of the primary ${who} has accepted an errand`);
  for (const change of changes) {
    const from = possibleFrom(change);
    const took = change.accepted.map(({ name, at = Number.POSITIVE_INFINITY }) => {
      const to = Math.max(at, from);
      return { name, ms: to - from, weighed: at < Number.POSITIVE_INFINITY ? weighedMs({ from, to }, watch.busy) : at };
    });
    const late = took.filter(({ weighed }) => weighed > SUCCEEDS_IN_MS);
    it.expect(
      late.length < (onlyChanges ? 1 : took.length),
      () => `${titleOf(change)}: ${late.map(({ name, ms }) => `${name} accepted an errand after ${seconds(ms)}`)}`,
    );
    const times = took.map(({ ms }) => ms);
    const { goneAt, promotedAt, pairedAt } = change;
    it.note(
      `${titleOf(change)}: promoted after ${seconds(promotedAt - goneAt)}, second copy ${seconds(pairedAt - promotedAt)} later, first success after ${seconds(Math.min(...times))}, of every process ${seconds(Math.max(...times))}`,
    );
  }
  return it.close();
}

function titleOf(change: ServerChange): string {
  const isMisled = change.kind === 'switchover' && change.misledMs > 0;
  const address = isMisled ? `, address ${seconds(change.misledMs)} late` : '';
  return `${change.kind}${address}${change.waits ? ', commits wait' : ''}`;
}

/** A process that reaches no primary is not ready. */
export function readinessIsTrue({ changes }: Evidence): Verdict {
  const it = new Case('I29', '/readyz is never 200 while the address leads to no server that accepts writes');
  for (const { kind, goneAt, readiness } of changes)
    for (const { name, askedAt, status } of readiness)
      it.expect(
        status !== 200,
        () => `${name} was ready ${seconds(askedAt - goneAt)} after the primary had ended (${kind})`,
      );
  return it.close();
}

/** No process keeps a session on the standby. */
export function nothingIsPinned({ changes, sessionsOnStandby }: Evidence): Verdict {
  const it = new Case('I30', 'at rest no process has a session on the standby');
  if (changes.length > 0) it.expect(sessionsOnStandby === 0, () => `${sessionsOnStandby} sessions are on the standby`);
  return it.close();
}
