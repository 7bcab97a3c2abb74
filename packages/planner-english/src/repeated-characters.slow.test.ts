// Intents and contexts of one thing again and again: expressions take time that grows with the square of such, or worse.
import { createPlannerThreads } from '@errand/planner';
import { aSource, ask, aTool, toolsOf } from '@errand/planner/testing';
import { afterAll, expect, test } from 'vitest';
import { englishThread } from './testing/english-thread.ts';

const SIZE = 9980;
const PLAN_MS = 2000;
/** Processor time of this process beside the plan, for the compiler and the garbage collector, in ms. */
const BESIDE_MS = 2000;

const planner = createPlannerThreads({ entry: englishThread, planMs: PLAN_MS });
const stopped: string[] = [];
afterAll(async () => {
  await planner.close();
  if (stopped.length > 0) console.info(`Stopped by the budget:\n${stopped.join('\n')}`);
});

const row = {
  type: 'object',
  properties: { id: { type: 'string' }, name: { type: 'string' }, amount: { type: 'number' } },
};
const query = { name: { type: 'string' }, status: { type: 'string', enum: ['open', 'closed'] } };
const crm = ['deal', 'account', 'invoice'].flatMap((noun) => [
  aTool(`crm_11112222.list_${noun}s`, {
    title: `List ${noun}s`,
    method: 'GET',
    path: `/${noun}s`,
    outputSchema: { type: 'array', items: row },
    inputSchema: { type: 'object', properties: { query: { type: 'object', properties: query } } },
  }),
  aTool(`crm_11112222.create_${noun}`, {
    title: `Create a ${noun}`,
    method: 'POST',
    path: `/${noun}s`,
    effect: 'write',
    inputSchema: { type: 'object', properties: { body: row } },
  }),
]);
const source = (workspaceId: string) => aSource({ crm }, workspaceId).source;

const repeated = (text: string) => text.repeat(Math.ceil(SIZE / text.length)).slice(0, SIZE);
const user = { name: 'Dana Whitfield' };

const CLASSES = {
  blanks: ' ',
  tabs: '\t',
  newlines: '\n',
  'carriage returns': '\r\n',
  'blanks and tabs': ' \t',
  'no-break spaces': '\u00a0',
  'em spaces': '\u2003',
  'ideographic spaces': '\u3000',
  'byte order marks': '\ufeff',
  'line separators': '\u2028',
  'zero-width spaces': '\u200b',
  'single capitals': 'A ',
  capitals: 'A',
  'capital words': 'Ana ',
  'small letters': 'a ',
  'a long word': 'a',
  'letters in turn': 'Aa',
  commas: ',',
  'commas and blanks': ', ',
  quotes: '"',
  'quotes and blanks': '" ',
  'curly quotes': '“',
  quotations: '"a" ',
  'curly quotations': '“a” ',
  apostrophes: "'",
  backticks: '`',
  digits: '1',
  numbers: '1 ',
  decimals: '1.',
  sums: '+1',
  and: 'and ',
  or: 'or ',
  not: 'not ',
  the: 'the ',
  next: 'next ',
  half: 'half an ',
  me: 'to me ',
  nouns: 'deals ',
  days: 'monday ',
  times: '10:00 ',
  braces: '{',
  'pairs of braces': '{} ',
  brackets: '[',
  parentheses: '(',
  colons: ':',
  'colons and blanks': ': ',
  hyphens: '-',
  'hyphens in a word': 'a-',
  dots: '.',
  sentences: 'a. ',
  questions: '? ',
  semicolons: '; ',
  backslashes: '\\',
  slashes: '/',
  'a path': 'a/',
  ats: 'a@',
  addresses: 'a@b.c ',
  links: 'http://a.b ',
  emoji: '😀',
  'half of an emoji': '\ud83d',
  'combining marks': '\u0301',
  'letters with marks': 'a\u0301',
  ideographs: '漢',
  'single ideographs': '漢 ',
  ids: 'A1 ',
  dates: '2031-05-01 ',
  percents: '1% ',
  pairs: 'a=b ',
};

/** Plans, and measures the processor time of this process meanwhile. */
async function measure(name: string, intent: string, context = '') {
  const from = process.cpuUsage();
  const draft = await planner.plan(ask(source('hostile'), { intent, context, user }));
  const { user: own, system } = process.cpuUsage(from);
  const reason = draft.kind === 'none' ? draft.reason : '';
  if (reason.includes('and was stopped')) stopped.push(`${name}: ${reason}`);
  return { draft, reason, usedMs: (own + system) / 1000 };
}

test.each(Object.entries(CLASSES))(
  '10,000 characters of %s are planned or refused within the budget',
  async (name, text) => {
    const { reason, usedMs } = await measure(name, `List ${repeated(text)} deals`);
    expect(usedMs).toBeLessThan(PLAN_MS + BESIDE_MS);
    // Nothing that was mended needs the budget; a machine that is very busy may reach its limit by the clock.
    expect(reason).not.toContain('of processor time');
  },
  120_000,
);

test.each([
  ['a quotation', `Create a deal named "a${repeated(' ').slice(30)}b"`, ''],
  ['a message', `Create a deal with the title: a${repeated(' ').slice(40)}b`, ''],
  ['a value of the context', 'List the deals', `status=a${' '.repeat(49_000)}b`],
  ['the prose of the context', 'List the deals', `We look${' '.repeat(49_000)}for deals`],
])(
  'blanks in %s are read within the budget',
  async (name, intent, context) => {
    const { reason, usedMs } = await measure(name, intent, context);
    expect(usedMs).toBeLessThan(PLAN_MS + BESIDE_MS);
    expect(reason).not.toContain('of processor time');
  },
  120_000,
);

test('others are planned for after all that', async () => {
  const draft = await planner.plan(ask(source('honest'), { intent: 'List the deals' }));
  expect(toolsOf(draft)).toEqual(['crm_11112222.list_deals']);
});

test('what is quoted stays as it was typed', async () => {
  const typed = `a${' '.repeat(150)}b`;
  const { draft } = await measure('quoted', `Create a deal named "${typed}"`);
  expect(JSON.stringify(draft.kind === 'plan' && draft.plan.steps[0]!.args)).toContain(typed);
});
