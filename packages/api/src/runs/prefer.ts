import { invalidField } from '../problems.ts';

const MAX_WAIT_S = 60;

/**
 * The wait of a `Prefer` header in milliseconds (RFC 7240 §4.3), at most a minute; 0 without one. Other preferences are ignored, as the
 * RFC requires.
 * @throws ProblemError validation_failed if `wait` is not a whole number of seconds
 */
export function readPreferredWait(prefer: string | undefined): number {
  const wait = prefer
    ?.split(',')
    .map((part) => part.split(';', 1)[0]!.trim())
    .find((part) => /^wait\b/i.test(part));
  if (wait === undefined) return 0;
  const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/i.exec(wait)?.[1];
  if (seconds === undefined)
    throw invalidField('/prefer', 'wait must be a whole number of seconds from 0 to 60, such as wait=30.');
  return Math.min(Number(seconds), MAX_WAIT_S) * 1000;
}
