// The words of the service. The code uses concept names; a vocabulary maps each concept to a name on the wire, so that the same service
// can appear with the names of another vendor.
import { random } from './seed/random.ts';

/** One concept's name: singular and plural, in lower-case words ("phone call", "phone calls"). */
type Word = { readonly one: string; readonly many: string };

/** Names of all concepts and verbs, and the style of field names. */
export type Vocabulary = {
  readonly seed: number;
  readonly words: Readonly<Record<string, Word>>;
  readonly verbs: Readonly<Record<string, string>>;
  readonly style: 'camel' | 'snake';
};

/** Possible names of each concept; the first is the plain name. `one/many` if the plural is irregular. */
const CONCEPTS: Readonly<Record<string, readonly string[]>> = {
  account: ['account', 'customer', 'client', 'company', 'organization'],
  deal: ['deal', 'opportunity', 'business opportunity'],
  sale: ['sale', 'revenue/revenue', 'turnover/turnover', 'booking'],
  revenue: ['revenue/revenue', 'turnover/turnover', 'income/income', 'proceeds/proceeds'],
  region: ['region', 'territory', 'area', 'market'],
  quarter: ['quarter', 'period', 'fiscal quarter'],
  period: ['period', 'timeframe', 'reporting period'],
  owner: ['owner', 'rep', 'representative', 'assignee'],
  user: ['user', 'team member', 'employee', 'colleague'],
  activity: ['activity', 'interaction', 'engagement', 'event'],
  call: ['call', 'phone call'],
  meeting: ['meeting', 'appointment'],
  contact: ['contact', 'person/people', 'contact person/contact people'],
  amount: ['amount', 'value', 'worth/worth'],
  total: ['total', 'sum', 'grand total', 'overall/overall'],
  scheduledAt: ['scheduled at', 'planned for', 'due at', 'starts at'],
  industry: ['industry', 'sector', 'vertical'],
  website: ['website', 'homepage', 'web address'],
  stage: ['stage', 'phase', 'pipeline step'],
  subject: ['subject', 'topic', 'headline'],
  notes: ['notes/notes', 'comments/comments', 'remarks/remarks'],
  ticket: ['ticket', 'case', 'support request'],
  product: ['product', 'offering', 'article'],
  // The envelope of a list: the rows of the page, the total, and the two paging parameters.
  rows: ['items/items', 'results/results', 'records/records', 'data/data'],
  hits: ['total', 'count', 'total count'],
  limit: ['limit', 'page size', 'max results'],
  offset: ['offset', 'skip', 'start index'],
};

const VERBS: Readonly<Record<string, readonly string[]>> = {
  list: ['list', 'search', 'browse', 'find'],
  get: ['get', 'fetch', 'retrieve', 'read'],
  create: ['create', 'add', 'register'],
  update: ['update', 'modify', 'edit'],
  delete: ['delete', 'remove', 'discard'],
};

/**
 * Chooses a name for each concept; the same seed always gives the same names.
 * @param seed 0 or absent: the plain names; any other integer: a synonym for every concept, each used once, and field names in camelCase
 *   or snake_case
 */
export function vocabulary(seed = 0): Vocabulary {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`vocabulary(seed) takes an integer, not ${seed}`);
  // In this generator adjacent seeds give similar first values; multiplying by 2^32 / φ spreads them.
  const next = random(Math.imul(seed, 0x9e3779b1));
  const taken = new Set<string>();
  const choose = (candidates: readonly string[]) => {
    if (seed === 0) return candidates[0]!;
    const free = candidates.slice(1).filter((word) => !taken.has(word));
    const chosen = free[next.below(free.length)] ?? candidates[0]!;
    taken.add(chosen);
    return chosen;
  };
  const pick = <T>(table: Readonly<Record<string, readonly string[]>>, read: (word: string) => T) =>
    Object.fromEntries(Object.entries(table).map(([concept, candidates]) => [concept, read(choose(candidates))]));
  return {
    seed,
    words: pick(CONCEPTS, word),
    verbs: pick(VERBS, (verb) => verb),
    style: seed !== 0 && next.below(2) === 1 ? 'snake' : 'camel',
  };
}

function word(forms: string): Word {
  const [singular = '', many = plural(singular)] = forms.split('/');
  return { one: singular, many };
}

/** Regular English plural of a lower-case noun. */
export function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
