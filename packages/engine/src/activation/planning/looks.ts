// Plans of a run that only look.
import type { Claim } from '@errand/db';
import { isEnvelope } from '../../model/envelope.ts';

/** How many plans of a run may only look. */
const MAX_LOOKS = 3;

/** The number of plans of a run so far that only looked. */
export const looksOf = ({ plan }: Claim): number => (isEnvelope(plan) ? (plan.looks ?? 0) : 0);

/** Why the next plan may not only look; nothing where it may. */
export const whyLast = (looks: number): string | undefined =>
  looks < MAX_LOOKS ? undefined : `The run has looked ${looks} times: write a plan with a result.`;
