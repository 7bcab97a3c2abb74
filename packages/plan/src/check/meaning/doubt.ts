import type { Complaint } from '../complaint.ts';

/** What is probably wrong with a plan. `why` is the reason in words for people; `asks`: a person decides about the step even if it only reads. */
export type Doubt = Complaint & { why: string; asks?: true };

const AGAIN = ' If you know better, give the same plan again.';

/** @param remedy a sentence that says how to mend the plan */
export const doubtOf = (pointer: string, why: string, remedy: string): Doubt => ({
  pointer,
  why,
  message: `${why} ${remedy}${AGAIN}`,
});

/** The position in the plan of the step that a pointer leads into; undefined for the result. */
export function stepIndexOf(pointer: string): number | undefined {
  const index = /^\/steps\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
  return index === undefined ? undefined : Number(index);
}
