// Retired words and their replacements: docs/glossary.md. The guard searches texts, names (`gatherMs`, `MOVE_RUN`, `move-run.ts`) and
// paths; anything but letters may separate words.

const spoken = /\.(tsx?|mjs|py|md|sql|prisma|ya?ml|json|jsonc|txt)$|^\.ci\//;
/** Generated files follow their sources. */
const exempt = /^(openapi|packages\/api\/src\/examples)\.json$|^pnpm-lock\.yaml$/;

/** @type {Record<string, string>} the words as a regular expression, and what to say instead */
const retired = {
  'blot(s|ted|ting)?|scrub(s|bed|bing)?': 'redact',
  'all the same': 'anyway',
  anew: 'again',
  'by and by': 'later',
  'drop lost': 'abort lost',
  'import lines?': 'import queue',
  'in vain': 'without effect',
  'most at once': 'slots',
  'move many': 'apply transitions',
  'of late': 'recently',
  'parted by': 'separated by',
  'thereof|therein|thence|whence|wherein|hereby': 'of it, in it, from it: name the thing',
  'top up': 'refill',
  'keep up': 'maintain tables',
  lapsed: 'last sent at',
  'may still send|when may send': 'holds lease, wait for lease',
  'pass on': 'requeue',
  unwalled: 'bypassing rls',
  'beat(s|en|ing)?|pulses?': 'heartbeat',
  'doors?': 'port, entry, gate: what it is',
  // `max_parallel_workers_per_gather` is a setting of Postgres.
  '(?<!per )gather(s|ed)?': 'batcher, batch window, collect',
  'hands on|few hands|free hands': 'pass through, slots',
  'nudges|nudged': 'notify',
  'lanes?': 'batch pool',
  'move run': 'apply transition',
  'open questions?': 'open decision request',
  standing: 'budget, approval rules, validity',
  'take back': 'reclaim orphans',
  'unless told( otherwise)?': 'by default',
  'walls?': 'tenant isolation, row-level security',
  whoever: 'name the subject',
  // Normal words in a sentence, but meaningless as names.
  '(const|let|type|function|class) (came|shown|places?|questions|keepers?)': 'a name that says what it is',
};

const patterns = Object.entries(retired).map(([words, instead]) => {
  return { pattern: new RegExp(`(?<![a-z])(?:${words.replaceAll(' ', '\\s+')})(?![a-z])`, 'g'), instead };
});

/** @param {import('./look.mjs').File} file @returns {string[]} */
export function findRetired({ path, text }) {
  if (!spoken.test(path) || exempt.test(path)) return [];
  const parts = `${path}\n${text}`.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[^A-Za-z\n]+/g, ' ');
  const spaced = parts.toLowerCase();
  return patterns.flatMap(({ pattern, instead }) =>
    [...spaced.matchAll(pattern)].map(({ 0: phrase, index }) => {
      const line = spaced.slice(0, index).split('\n').length - 1;
      return `${path}${line > 0 ? `:${line}` : ''}: "${phrase}" is retired: say ${instead}`;
    }),
  );
}
