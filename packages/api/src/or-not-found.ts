import { problem } from '@errand/contracts';

/** The value, or 404. @param noun names it with an article: `There is no such …` follows */
export function orNotFound<T>(value: T | null, noun: string): T {
  if (value === null) throw problem('not_found', `There is no such ${noun}.`);
  return value;
}
