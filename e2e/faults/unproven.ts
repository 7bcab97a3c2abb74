import type { Errand } from './clients.ts';
import type { RemovalRecord } from './removal-record.ts';

/** The fraction of errands that the service must accept. */
const ENOUGH = 0.5;

/** Thrown when a seed did not exercise the rules that it checks. */
export class Unproven extends Error {
  override readonly name = 'Unproven';
}

/**
 * Invariants hold trivially if nothing was accepted.
 * @throws Unproven when the service accepted fewer than half of the errands
 */
export function mustProve(errands: readonly Pick<Errand, 'runId'>[]): void {
  const accepted = errands.filter(({ runId }) => runId !== undefined).length;
  if (accepted > 0 && accepted >= errands.length * ENOUGH) return;
  throw new Unproven(`the service accepted ${accepted} of ${errands.length} errands`);
}

/**
 * @param removal what the removal of old data did
 * @param olds accepted errands of old days
 * @throws Unproven when no partition was dropped, or none had an open run
 */
export function mustDrop({ dropped, metOpen, removals, failures }: RemovalRecord, olds: number): void {
  const missing = (['run_event', 'ledger'] as const).filter((table) => !dropped.some(({ parent }) => parent === table));
  const how = `${removals} removals of ${olds} runs of old days; ${[`${failures.length} failed`, ...failures.slice(-1)].join(': ')}`;
  if (olds > 0 && missing.length > 0)
    throw new Unproven(`no partition of ${missing.join(' and ')} was dropped by ${how}`);
  if (olds > 0 && metOpen === 0) throw new Unproven(`no open run of an old day was met by ${how}`);
}

/** @throws Unproven when a scheduled deploy was not carried out */
export function mustRoll(carriedOut: number, scheduled: number, failures: readonly string[]): void {
  if (carriedOut >= scheduled) return;
  throw new Unproven([`${carriedOut} of ${scheduled} deploys were carried out`, ...failures].join('; '));
}

/**
 * Without a change of the primary, its invariants hold trivially.
 * @throws Unproven when a scheduled change was not carried out
 */
export function mustChange(carriedOut: number, scheduled: number, failures: readonly string[]): void {
  if (carriedOut >= scheduled) return;
  throw new Unproven([`${carriedOut} of ${scheduled} changes of the primary were carried out`, ...failures].join('; '));
}
