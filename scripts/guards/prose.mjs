// How comments, documents and names read, as ratios over the whole project. docs/glossary.md has the terms to use instead.
//
// A single "whose" is plain English. A page full of them is a dialect that readers must translate, so the guard limits how often each
// habit occurs per 1,000 words.

/** @typedef {import('./look.mjs').File} File */

/** The most occurrences of one habit per 1,000 words. */
const MOST_PER_THOUSAND = 2;
/** The largest share of variables and parameters that may have a vague name. */
const MOST_VAGUE = 0.015;
/** Fewer words or names than this are no sample: a plant or a new folder is judged as if it were this large. */
const SMALLEST_SAMPLE = 250;

const SUBJECT =
  'is|was|are|were|it|they|he|she|you|we|a|an|the|this|these|has|had|have|can|may|must|comes?|came|stands?|others?|only|none|nobody|somebody|nothing|follows|remains|belongs|happens|happened|changed|counts|matters';

/** @type {Record<string, { pattern: RegExp, instead: string }>} */
const habits = {
  'free "what"': {
    // A question and a quotation may ask "what is …".
    pattern: new RegExp(`(?<![?"“(*_-]\\s?)\\bwhat\\s+(?:${SUBJECT})\\b(?![^.;:\\n]*\\?)`, 'gi'),
    instead: 'name the thing',
  },
  'indefinite person': {
    pattern:
      /\b(?:whom|whose|who(?:so)?ever|nobody|somebody|beside|for ever|by (?:itself|themselves)|those (?:that|of|who|which))\b/gi,
    instead: 'name the part of the system, or the user, and its role',
  },
  'all-purpose verb': {
    pattern: /\b(?:tells?|told|holds?|held|stands?|stood|brings?|brought|comes? to|is called so|are called so)\b/gi,
    instead: 'use the technical verb: returns, reports, stores, contains, means',
  },
};

const VAGUE = new Set(
  'one own other found given asked wanted known made said told held room over seen shown kept meant came what'.split(
    ' ',
  ),
);
const BINDINGS = [
  /\b(?:const|let|function\*?)\s+([A-Za-z_$][\w$]*)/g,
  /\b(?:const|let)\s+[{[]([^=]*?)[}\]]\s*=/g,
  /\(([^()]*)\)\s*(?::\s*[^=(){}]+)?\s*=>/g,
  /\bfunction\s+\w+(?:<[^>]*>)?\(([^()]*)\)/g,
  /(?<![.\w])([A-Za-z_$][\w$]*)\s*=>/g,
];

const code = /\.(ts|tsx|mjs)$/;
const python = /\.py$/;
/** Data, the changelog (which quotes the past), generated code, and the frozen planner but for its README. */
const exempt =
  /^CHANGELOG\.md$|\.gen\.|(^|\/)generated\/|^evals\/(services|cases)|^packages\/planner-english\/(?!README)|^packages\/planner\/src\/builtin\/|^\.changeset\//;

/** @param {string} line of code @returns its comment, if it has one */
const commentOf = (line) => /^\s*(?:\/\/|\*|\/\*\*?)(.*)$/.exec(line)?.[1] ?? /\s\/\/\s(.*)$/.exec(line)?.[1] ?? '';

/** @param {string} text a Python program @returns {string} its comments and docstrings */
const pythonProse = (text) =>
  [...text.matchAll(/"""([\s\S]*?)"""|(?:^|\s)#:?\s(.*)$/gm)].map(([, doc, comment]) => doc ?? comment).join('\n');

/** @param {File} file @returns {string} the prose of a document, or of a program's comments */
function proseOf({ path, text }) {
  const lines = text.split('\n');
  if (code.test(path)) return lines.map(commentOf).join('\n');
  if (python.test(path)) return pythonProse(text);
  // Neither fences nor the rules of tables are prose.
  return lines.filter((line) => !/^\s*(?:```|\|?[-: |]+\|?$)/.test(line)).join('\n');
}

/** @param {string} text */
const wordsIn = (text) => text.split(/\s+/).filter((word) => /[a-z]/i.test(word)).length;

/** @param {string} text @param {number} index @returns {string} the words around a place */
const excerptAt = (text, index) => {
  const start = Math.max(text.lastIndexOf('. ', index) + 2, text.lastIndexOf('\n', index) + 1, index - 60);
  return text
    .slice(start, index + 60)
    .replace(/\s+/g, ' ')
    .trim();
};

/**
 * Counts the habits over all files of a kind.
 * @param {string} kind comments or documents
 * @param {File[]} files
 * @returns {string[]} a fault for each habit that occurs too often, with the files that have most of it
 */
function proseFaults(kind, files) {
  const texts = files.map((file) => ({ path: file.path, prose: proseOf(file) }));
  const words = Math.max(
    SMALLEST_SAMPLE,
    texts.reduce((sum, { prose }) => sum + wordsIn(prose), 0),
  );
  return Object.entries(habits).flatMap(([name, { pattern, instead }]) => {
    const places = texts.flatMap(({ path, prose }) =>
      [...prose.matchAll(pattern)].map(({ index }) => `${path}: ${excerptAt(prose, index)}`),
    );
    const rate = (places.length * 1000) / words;
    if (rate <= MOST_PER_THOUSAND) return [];
    const heading = `${kind}: ${name} ${rate.toFixed(1)} times per 1,000 words, at most ${MOST_PER_THOUSAND}: ${instead}`;
    return [[heading, ...places.slice(0, 12)].join('\n  ')];
  });
}

/** @param {File} file @returns {string[]} the names that its variables and parameters have */
const boundNames = ({ text }) =>
  BINDINGS.flatMap((binding) =>
    [...text.matchAll(binding)].flatMap(([, list = '']) =>
      list
        .split(',')
        .flatMap((part) => /(?:^|:\s*|\.\.\.)([A-Za-z_$][\w$]*)\s*(?:[=:?].*)?$/.exec(part.trim())?.[1] ?? []),
    ),
  );

/** @param {File[]} files @returns {string[]} */
function nameFaults(files) {
  const names = files.map((file) => ({ path: file.path, names: boundNames(file) }));
  const all = Math.max(
    SMALLEST_SAMPLE,
    names.reduce((sum, { names: list }) => sum + list.length, 0),
  );
  const vague = names.flatMap(({ path, names: list }) =>
    list.filter((name) => VAGUE.has(name)).map((name) => `${path}: ${name}`),
  );
  if (vague.length <= all * MOST_VAGUE) return [];
  const share = ((vague.length * 100) / all).toFixed(1);
  const heading = `names: ${share} % of variables and parameters have a vague name, at most ${MOST_VAGUE * 100} %: name the thing and its role`;
  return [[heading, ...vague.slice(0, 12)].join('\n  ')];
}

/** @param {File[]} files of the project @returns {string[]} */
export function findStilted(files) {
  const measured = files.filter(({ path }) => !exempt.test(path));
  const programs = measured.filter(({ path }) => code.test(path));
  const documents = measured.filter(({ path }) => path.endsWith('.md'));
  const pythonFiles = measured.filter(({ path }) => python.test(path));
  return [
    ...proseFaults('comments', [...programs, ...pythonFiles]),
    ...proseFaults('documents', documents),
    ...nameFaults(programs),
  ];
}
