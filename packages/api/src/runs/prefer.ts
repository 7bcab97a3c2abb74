import { invalidField } from '../invalid-field.ts';

const LONGEST_S = 60;

/**
 * Milliseconds that a `Prefer` header asks to wait (RFC 7240 §4.3), at most a minute; 0 when it asks for no waiting.
 * Other preferences are ignored, as that RFC wants.
 * @throws ProblemError validation_failed when `wait` has no whole number of seconds
 */
export function readWait(prefer: string | undefined): number {
  const wait = prefer
    ?.split(',')
    .map((part) => part.split(';', 1)[0]!.trim())
    .find((part) => /^wait\b/i.test(part));
  if (wait === undefined) return 0;
  const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/i.exec(wait)?.[1];
  if (seconds === undefined) throw invalidField('/prefer', 'Write wait=N, N being whole seconds from 0 to 60.');
  return Math.min(Number(seconds), LONGEST_S) * 1000;
}
