import { problem } from '@errand/contracts';
import { Cron } from 'croner';

const MAX_COUNTED = 1000;
const FIVE_FIELDS = /^[\d*,/\-A-Za-z#]+(?: [\d*,/\-A-Za-z#]+){4}$/;

/**
 * The times of a cron expression in a time zone, correct across clock changes.
 * @throws ProblemError cron_invalid, also when no time matches
 */
export function timesOf(cron: string, timeZone: string) {
  if (!FIVE_FIELDS.test(cron)) throw invalid('Must have five fields: minute, hour, day, month, day of the week.');
  const parsed = parse(cron, timeZone);
  if (!parsed.nextRun()) throw invalid('Never comes: no such day exists.');
  return {
    next: (count: number, after: Date): Date[] => parsed.nextRuns(count, after),
    /** The last time up to and including a moment; null when there was none. */
    last: (until: Date): Date | null => parsed.previousRuns(1, new Date(until.getTime() + 1))[0] ?? null,
    /** The number of times in [from, to); at most 1,000. */
    count: (from: Date, to: Date): number =>
      parsed.nextRuns(MAX_COUNTED, new Date(from.getTime() - 1)).filter((time) => time < to).length,
  };
}

function parse(cron: string, timezone: string): Cron {
  try {
    return new Cron(cron, { timezone, mode: '5-part', paused: true });
  } catch (error) {
    throw invalid((error as Error).message.replace(/^CronPattern: /, ''));
  }
}

const invalid = (message: string) =>
  problem('cron_invalid', `The cron expression cannot be used. ${message}`, {
    errors: [{ pointer: '/cron', message }],
  });
