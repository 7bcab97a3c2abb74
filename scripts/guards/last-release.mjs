// The last release runs beside this version on one database while a deploy replaces its processes, and after the way back. So a migration must
// not take away what its statements need, nor refuse the rows that it writes. `pnpm test:deploys` runs both.
import { migrationsOf, readReleased } from './migrations.mjs';

/** The migrations that were applied before this guard, and so cannot be edited, with the reason why the last release runs with each. */
const REVIEWED = 'prisma/reviewed-migrations.txt';
/** A comment of a statement that allows it, with the reason. */
const ALLOWED = /^\s*--\s*the last release runs with this: \S.{9,}/m;

/** @typedef {{ path: string, text: string }} File */
/** @typedef {{ refused: RegExp, but?: RegExp, say: string }} Rule */

const NAME = String.raw`(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?("?\w+"?(?:\."?\w+"?)?)`;
const KIND = String.raw`(?:UNLOGGED\s+)?(?:TABLE|VIEW|MATERIALIZED\s+VIEW|SEQUENCE|FUNCTION|PROCEDURE|TYPE|DOMAIN|SCHEMA)`;
const CREATED = new RegExp(String.raw`\bCREATE\s+${KIND}\s+${NAME}`, 'gi');
const SUBJECT = new RegExp(String.raw`(?:^(?:ALTER|DROP)\s+${KIND}|\bON(?:\s+${KIND})?)\s+${NAME}`, 'i');

/** Rules about the parts of `ALTER TABLE`. @type {Rule[]} */
const tableRules = [
  { refused: /\bRENAME\b/i, say: 'it renames what the last release reads' },
  {
    refused: /\bDROP\s+(?!CONSTRAINT\b|DEFAULT\b|NOT\s+NULL\b|IDENTITY\b|EXPRESSION\b)/i,
    say: 'it drops a column of the last release',
  },
  { refused: /\bDROP\s+(?:DEFAULT|IDENTITY|EXPRESSION)\b/i, say: 'rows of the last release get no value any more' },
  { refused: /\bSET\s+NOT\s+NULL\b/i, say: 'rows of the last release may have no value there' },
  {
    refused: /\bADD\s+(?:COLUMN\s+)?(?!CONSTRAINT\b|CHECK\b|UNIQUE\b|PRIMARY\b|FOREIGN\b|EXCLUDE\b).*\bNOT\s+NULL\b/is,
    but: /\b(?:DEFAULT|GENERATED)\b/i,
    say: 'rows of the last release have no value for a new column that is NOT NULL; give it a default',
  },
  { refused: /\b(?:SET\s+DATA\s+)?TYPE\s+\w/i, say: 'it changes a type that the last release reads and writes' },
  {
    refused: /\bADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:CHECK|UNIQUE|PRIMARY\s+KEY|FOREIGN\s+KEY|EXCLUDE)\b/i,
    say: 'a new constraint may refuse rows of the last release, and also does so if it is NOT VALID',
  },
];

/** Rules about whole statements. @type {Rule[]} */
const statementRules = [
  {
    refused:
      /^DROP\s+(?:TABLE|VIEW|MATERIALIZED\s+VIEW|SEQUENCE|FUNCTION|PROCEDURE|TYPE|DOMAIN|SCHEMA|ROLE|EXTENSION)\b/i,
    say: 'it drops what the last release uses',
  },
  { refused: /^ALTER\s+(?!TABLE\b).*\bRENAME\b/is, say: 'it renames what the last release uses' },
  { refused: /^ALTER\s+TYPE\b.*\bADD\s+VALUE\b/is, say: 'the last release does not know the value' },
  { refused: /^CREATE\s+UNIQUE\s+INDEX\b/i, say: 'a new unique index may refuse rows of the last release' },
  { refused: /^REVOKE\b/i, say: 'it takes a right away that the last release may need' },
];

/** @param {File[]} files of the project @returns a fault for each statement with which the last release may not run */
export function incompatibleMigrations(files) {
  const released = new Set(readReleased(files).keys());
  const later = migrationsOf(files).filter(({ name }) => !released.has(name));
  const textOf = (/** @type {string} */ path) => files.find((file) => file.path === path)?.text ?? '';
  const pathOf = (/** @type {string} */ name) => `prisma/migrations/${name}/migration.sql`;
  const reviewed = new Map(
    textOf(REVIEWED)
      .split('\n')
      .flatMap((line) => {
        const [, name, reason] = /^(\d\S+) (\S.{9,})$/.exec(line) ?? [];
        return name && reason ? [/** @type {const} */ ([name, reason])] : [];
      }),
  );
  const texts = later.map(({ name }) => ({ name, text: textOf(pathOf(name)) }));
  const namesIn = (/** @type {string} */ text) => [...text.matchAll(CREATED)].map(([, name]) => plain(name));
  const known = new Set([...released].flatMap((name) => namesIn(textOf(pathOf(name)))));
  // The last release does not know them.
  const newNames = new Set(texts.flatMap(({ text }) => namesIn(text)).filter((name) => !known.has(name)));
  const faults = texts.flatMap(({ name, text }) => {
    const found = statementsOf(text).flatMap((statement) => faultsOf(statement, newNames));
    return found.length > 0 && !reviewed.has(name) ? found.map((fault) => `${pathOf(name)}: ${fault}`) : [];
  });
  const stale = [...reviewed.keys()]
    .filter((name) => !later.some((migration) => migration.name === name))
    .map((name) => `${REVIEWED}: ${name} is released or missing; remove its line`);
  return [...faults, ...stale];
}

/** @param {string} statement @param {ReadonlySet<string>} newNames of tables, functions and the like */
function faultsOf(statement, newNames) {
  if (ALLOWED.test(statement)) return [];
  const code = statement.replaceAll(/--.*$/gm, '').trim();
  if (newNames.has(plain(SUBJECT.exec(code)?.[1]))) return [];
  const broken = [...statementRules.filter((rule) => breaks(rule, code)), ...brokenTableRules(code)];
  const beginning = code.replaceAll(/\s+/g, ' ').slice(0, 80);
  return broken.map(
    ({ say }) =>
      `${beginning}: ${say}. Split the change over two releases, or write why it is harmless before the statement: -- the last release runs with this: <reason>`,
  );
}

/** @param {Rule} rule @param {string} code */
const breaks = ({ refused, but }, code) => refused.test(code) && !but?.test(code);

/** @param {string} code @returns {Rule[]} */
function brokenTableRules(code) {
  if (!/^ALTER\s+TABLE\b/i.test(code)) return [];
  const parts = partsOf(code.replace(/^ALTER\s+TABLE\s+/i, ''));
  return tableRules.filter((rule) => parts.some((part) => breaks(rule, part)));
}

/** @param {string | undefined} name without quotes and schema */
const plain = (name = '') => name.replaceAll('"', '').split('.').at(-1)?.toLowerCase() ?? '';

/** Splits at commas outside of brackets. @param {string} code */
function partsOf(code) {
  let depth = 0;
  const parts = [''];
  for (const letter of code) {
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

/**
 * The statements with their comments, without texts in quotes. Includes the statements of DO blocks and texts after EXECUTE, but not of
 * functions.
 * @param {string} sql
 * @returns {string[]}
 */
function statementsOf(sql) {
  /** @type {string[]} */
  const blocks = [];
  const outside = sql.replaceAll(/--.*$|'(?:[^']|'')*'|(\$\w*\$)([\s\S]*?)\1/gm, (token, quote, body, at) => {
    if (token.startsWith('--')) return token.replaceAll(';', ',');
    const before = sql.slice(0, at);
    if (quote !== undefined && /\bDO\s*$/i.test(before)) blocks.push(body);
    if (quote === undefined && EXECUTED.test(before))
      blocks.push(commentsAtEnd(before) + token.slice(1, -1).replaceAll("''", "'"));
    return "''";
  });
  return [...outside.split(';').map((text) => text.replace(BLOCK_WORD, '$1')), ...blocks.flatMap(statementsOf)];
}

/** The words before a text that PL/pgSQL executes. */
const EXECUTED = /\bEXECUTE\s+(?:format\s*\(\s*)?$/i;

/** The comments of the last statement. @param {string} sql */
const commentsAtEnd = (sql) =>
  sql
    .slice(sql.replaceAll(/--.*$/gm, (comment) => comment.replaceAll(';', ',')).lastIndexOf(';') + 1)
    .match(/^\s*--.*\n/gm)
    ?.join('') ?? '';

/** The words of a block before its statement, after comments. */
const BLOCK_WORD = /^((?:\s*--.*\n)*)\s*(?:(?:BEGIN|THEN|ELSE|LOOP|IF\b.*\bTHEN)\b\s*)+/is;
