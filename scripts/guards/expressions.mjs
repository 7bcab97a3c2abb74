// The program of the guard `expressions`: regular expressions of the product take time that grows with their input. recheck proves it, or
// its attack shows it. Another expression needs a comment that bounds its input: `// at most 200 characters: <reason>`.
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
/** Without a bound, the attack has this length: a quadratic expression takes seconds for it, a linear one about 1 ms. */
const UNBOUNDED = { length: 100_000, ms: 50 };

/** Verdicts of this version of recheck by the digest of the expression: `safe`, or its attack. A proof may take a minute. */
const PROOFS = 'scripts/guards/expressions.json';
const { version } = createRequire(import.meta.url)('recheck/package.json');
/** @type {Record<string, string>} */
const stored = existsSync(PROOFS) ? JSON.parse(readFileSync(PROOFS, 'utf8')) : {};
const earlier = stored.recheck === version ? stored : {};
/** @type {Record<string, string>} */
const proofs = {};

/** @typedef {{ start: number, end: number }} Range */
/** @typedef {{ source: string, flags: string }} Expression */
/** @typedef {{ place: string, notes: string, expression: Expression | undefined }} Found */

/** @param {import('./look.mjs').File} file @returns {Found[]} its expressions, with the comments above and behind each */
function expressionsOf({ path, text }) {
  const { program } = parseSync(path, text);
  const lines = text.split('\n');
  const constants = program.body.flatMap((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    return declaration?.type === 'VariableDeclaration' && declaration.kind === 'const' ? declaration.declarations : [];
  });
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
  /** @param {Range} node */
  const add = (node) => {
    const line = text.slice(0, node.start).split('\n').length;
    let first = line - 1;
    while (/^\s*\/\//.test(lines[first - 1] ?? '')) first--;
    const notes = lines.slice(first, line).join('\n');
    const expression = /** @type {Expression | undefined} */ (evaluate(node, INSERTS.test(notes) ? 'x' : undefined));
    const start = text.slice(node.start, node.end).replaceAll(/\s+/g, ' ').slice(0, 80);
    found.push({ place: `${path}:${line}: ${start}`, notes, expression });
  };
  const addCall = (/** @type {Range & { callee: object }} */ node) =>
    'name' in node.callee && node.callee.name === 'RegExp' && add(node);
  const addLiteral = (/** @type {Range} */ node) => 'regex' in node && add(node);
  new Visitor({ Literal: addLiteral, NewExpression: addCall, CallExpression: addCall }).visit(program);
  return found;
}

/** @param {Expression} expression @returns {Promise<string>} `safe`, an attack as JSON, or `unknown` */
async function verdictOf({ source, flags }) {
  const key = createHash('sha256').update(`/${source}/${flags}`).digest('hex').slice(0, 16);
  if (proofs[key] === undefined && earlier[key] !== undefined) proofs[key] = earlier[key];
  if (proofs[key] !== undefined) return proofs[key];
  const result = await check(source, flags, { timeout: 60_000 });
  if (result.status === 'unknown') return 'unknown';
  proofs[key] = result.status === 'safe' ? 'safe' : JSON.stringify([result.attack.pumps, result.attack.suffix]);
  return proofs[key];
}

/**
 * The processor time for an attack of this length, the median of three, in ms.
 * @param {Expression} expression @param {string} verdict @param {number} length
 */
function attackMs({ source, flags }, verdict, length) {
  /** @type {[{ prefix: string, pump: string, bias: number }[], string]} */
  const [pumps, suffix] = JSON.parse(verdict);
  const textOf = (/** @type {number} */ n) =>
    pumps.map(({ prefix, pump, bias }) => prefix + pump.repeat(n + bias)).join('') + suffix;
  const perPump = textOf(1).length - textOf(0).length;
  const text = textOf(Math.max(0, Math.floor((length - textOf(0).length) / perPump)));
  const context = createContext({ text, expression: new RegExp(source, flags.includes('g') ? flags : `${flags}g`) });
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    try {
      runInContext("text.replace(expression, '')", context, { timeout: 1000 });
    } catch {}
    return process.cpuUsage(before).user / 1000;
  });
  return times.sort((a, b) => a - b)[1] ?? 0;
}

/** @param {Found} found @returns {Promise<string | undefined>} */
async function faultOf({ notes, expression }) {
  if (!expression) return 'its parts are not constants of the file: write a literal, or `// inserts <what>: <reason>`';
  const verdict = await verdictOf(expression);
  if (verdict === 'safe') return undefined;
  if (verdict === 'unknown') return 'recheck finds no proof within a minute: write a simpler one';
  const bound = BOUND.exec(notes)?.[1];
  const { length, ms } = bound ? { length: Number(bound.replaceAll(',', '')), ms: 1 } : UNBOUNDED;
  const taken = attackMs(expression, verdict, length);
  if (taken < ms) return undefined;
  return `${length} characters can take ${Math.round(taken)} ms: rewrite it, or bound its input and write \`// at most N characters: <reason>\``;
}

const queue = read(process.cwd())
  .filter(({ path }) => checked.test(path) && !unchecked.test(path))
  .flatMap(expressionsOf);
const work = async () => {
  for (let found = queue.pop(); found; found = queue.pop()) {
    const fault = await faultOf(found);
    if (fault === undefined) continue;
    console.log(`${found.place}: ${fault}`);
    process.exitCode = 1;
  }
};
await Promise.all([work(), work()]);
const sorted = Object.fromEntries(Object.entries(proofs).sort(([a], [b]) => (a < b ? -1 : 1)));
const text = `${JSON.stringify({ recheck: version, ...sorted }, null, 2)}\n`;
if (existsSync(PROOFS) && text !== readFileSync(PROOFS, 'utf8')) writeFileSync(PROOFS, text);
// The process of recheck would keep this one running.
process.exit();
