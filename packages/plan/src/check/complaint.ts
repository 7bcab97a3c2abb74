import { editDistance } from '@errand/basics/edit-distance';
import type { Doubt } from '../template/complaint.ts';

export type { Complaint, Doubt } from '../template/complaint.ts';

const INSIST = 'If you know better, give the same plan again.';

/** @param remedy a sentence for the planner @param insist tells the planner how to insist on the plan */
export const createDoubt = (pointer: string, why: string, remedy?: string, insist = INSIST): Doubt => ({
  pointer,
  why,
  message: [why, remedy, insist].filter((part) => part !== undefined).join(' '),
});

/** The index of the step that a pointer leads into; undefined for the result. */
export function stepIndexOf(pointer: string): number | undefined {
  const index = /^\/steps\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** Of more names, only the nearest in length are compared. */
const MAX_COMPARED = 200;

/** A sentence that suggests the probable name, or lists the existing ones; starts with a space. */
export function suggestName(name: string, names: readonly string[]): string {
  if (names.length === 0) return ' There is none to choose from.';
  const scored = nearInLength(name, names).map((candidate) => {
    return { candidate, edits: editDistance(name.toLowerCase(), candidate.toLowerCase()) };
  });
  scored.sort((a, b) => a.edits - b.edits);
  const best = scored[0]!;
  if (best.edits <= Math.max(2, name.length / 3)) return ` Did you mean ${best.candidate}?`;
  const listed = scored.slice(0, 10).map(({ candidate }) => candidate);
  return ` There ${names.length === 1 ? 'is' : 'are'} ${listed.join(', ')}${names.length > listed.length ? ' and others' : ''}.`;
}

function nearInLength(name: string, names: readonly string[]): readonly string[] {
  if (names.length <= MAX_COMPARED) return names;
  const difference = (candidate: string) => Math.abs(candidate.length - name.length);
  return [...names].sort((a, b) => difference(a) - difference(b)).slice(0, MAX_COMPARED);
}
