// The program of the guard `expressions`: recheck proves that each regular expression of the product takes linear time, or gives an attack,
// which must stay cheap. An expression for short texts has a comment with their length: `// at most 200 characters: <reason>`.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext, runInNewContext } from 'node:vm';
import { check } from 'recheck';
import { parseSync, Visitor } from 'rolldown/utils';
import { read } from './look.mjs';

const checked = /^(packages|apps)\/.*\.(tsx?|mjs)$/;
/** Tests and tools; and the built-in planner: a time limit ends its threads, and it never runs on the event loop. */
const unchecked = /\.test\.tsx?$|\/testing\/|\/scripts\/|^packages\/planner-english\//;
const BOUND = /\/\/ at most ([\d,]+) characters: \S/;
/** The reason why a constructor may insert values that are not constants of the file. The guard inserts `x` for each. */
const INSERTS = /\/\/ inserts [^:]+: \S/;
/** Verdicts of this version of recheck by the digest of the expression: `safe`, or its attack. A proof may take a minute. */
const PROOFS = 'scripts/guards/expressions.json';
const { version } = createRequire(import.meta.url)('recheck/package.json');
const stored = existsSync(PROOFS) ? JSON.parse(readFileSync(PROOFS, 'utf8')) : {};
/** @type {Map<string, string>} */
const proofs = new Map();

/** @typedef {{ start: number, end: number }} Range */
/** @typedef {{ place: string, notes: string, expression: RegExp | undefined }} Found */

/** @param {import('./look.mjs').File} file @returns {Found[]} its expressions, with the comments above and behind each */
function expressionsOf({ path, text }) {
  const { program } = parseSync(path, text);
  const lines = text.split('\n');
  const constants = program.body.flatMap((node) => (node.type === 'VariableDeclaration' ? node.declarations : []));
  /** The value of code that uses only constants of the file. @param {Range} range @param {string} [inserted] @returns {unknown} */
  const evaluate = ({ start, end }, inserted) => {
    /** @type {Record<string, unknown>} */
    const scope = {};
    for (;;) {
      try {
        return runInNewContext(`(${text.slice(start, end)})`, scope);
      } catch (error) {
        const name = /^(\w+) is not defined$/.exec(/** @type {Error} */ (error).message)?.[1] ?? '';
        const constant = constants.find(({ id }) => id.type === 'Identifier' && id.name === name)?.init;
        scope[name] = constant ? evaluate(constant, inserted) : inserted;
        if (name === '' || scope[name] === undefined) return undefined;
      }
    }
  };
  /** @type {Found[]} */
  const found = [];
  const add = (/** @type {Range} */ node) => {
    const at = text.slice(0, node.start).split('\n').length;
    const first = 1 + lines.findLastIndex((line, i) => i < at - 1 && !/^\s*\/\//.test(line));
    const notes = lines.slice(first, at).join('\n');
    const expression = /** @type {RegExp | undefined} */ (evaluate(node, INSERTS.test(notes) ? 'x' : undefined));
    found.push({ place: `${path}:${at}`, notes, expression });
  };
  const addCall = (/** @type {Range & { callee: object }} */ node) =>
    'name' in node.callee && node.callee.name === 'RegExp' && add(node);
  const Literal = (/** @type {Range} */ node) => 'regex' in node && add(node);
  new Visitor({ Literal, NewExpression: addCall, CallExpression: addCall }).visit(program);
  return found;
}

/** @param {RegExp} expression @returns {Promise<string>} `safe`, an attack as JSON, or `unknown` */
async function verdictOf({ source, flags }) {
  const key = createHash('sha256').update(`/${source}/${flags}`).digest('hex').slice(0, 16);
  let verdict = stored.recheck === version ? stored[key] : undefined;
  if (verdict === undefined) {
    const result = await check(source, flags, { timeout: 60_000 });
    const isVulnerable = result.status === 'vulnerable';
    verdict = isVulnerable ? JSON.stringify([result.attack.pumps, result.attack.suffix]) : result.status;
  }
  if (verdict !== 'unknown') proofs.set(key, verdict);
  return verdict;
}

/** The processor time for an attack, in ms: the median of seven. @param {RegExp} expression @param {string} verdict @param {number} length */
function attackMs({ source, flags }, verdict, length) {
  /** @type {[{ prefix: string, pump: string, bias: number }[], string]} */
  const [pumps, suffix] = JSON.parse(verdict);
  const textOf = (/** @type {number} */ n) =>
    pumps.map(({ prefix, pump, bias }) => prefix + pump.repeat(n + bias)).join('') + suffix;
  const perPump = textOf(1).length - textOf(0).length;
  const text = textOf(Math.max(0, Math.floor((length - textOf(0).length) / perPump)));
  const context = createContext({ text, expression: new RegExp(source, flags.includes('g') ? flags : `${flags}g`) });
  const times = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage();
    try {
      runInContext("text.replace(expression, '')", context, { timeout: 1000 });
    } catch {}
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[3] ?? 0;
}

/** @param {Found} found @returns {Promise<string | undefined>} */
async function faultOf({ notes, expression }) {
  if (!expression) return 'its parts are not constants of the file: write a literal, or `// inserts <what>: <reason>`';
  const verdict = await verdictOf(expression);
  if (verdict === 'safe') return undefined;
  if (verdict === 'unknown') return 'recheck finds no proof within a minute: write a simpler one';
  const bound = BOUND.exec(notes)?.[1];
  const length = Number(bound?.replaceAll(',', '') ?? 100_000);
  const ms = attackMs(expression, verdict, length);
  // Without a bound, a quadratic expression takes seconds and a linear one about 1 ms.
  if (ms < (bound ? 1 : 50)) return undefined;
  return `${length} characters can take ${Math.round(ms)} ms: rewrite it, or bound its input and write \`// at most N characters: <reason>\``;
}

for (const file of read(process.cwd()).filter(({ path }) => checked.test(path) && !unchecked.test(path)))
  for (const found of expressionsOf(file)) {
    const fault = await faultOf(found);
    if (fault === undefined) continue;
    console.log(`${found.place}: ${String(found.expression ?? 'RegExp').slice(0, 80)}: ${fault}`);
    process.exitCode = 1;
  }
const sorted = Object.fromEntries([...proofs].sort(([a], [b]) => (a < b ? -1 : 1)));
if (existsSync(PROOFS)) writeFileSync(PROOFS, `${JSON.stringify({ recheck: version, ...sorted }, null, 2)}\n`);
// The process of recheck would keep this one running.
process.exit();
