// Documents whose names and texts are one thing again and again: reading them is bounded, and so is planning over them.
import { createPlannerThreads } from '@errand/planner';
import { aSource, ask, aTool, toolsOf } from '@errand/planner/testing';
import { afterAll, expect, test } from 'vitest';
import { englishThread } from './testing/english-thread.ts';

const SIZE = 100_000;
/** For reading the tools, planning, the compiler and the collector, in ms. */
const MAX_MS = 6000;

const planner = createPlannerThreads({ entry: englishThread });
afterAll(() => planner.close());

const field = (text: string) => ({ type: 'string', description: text, example: text, enum: [text, 'open'] });
const toolWith = (text: string, named: boolean) =>
  aTool(named ? `crm_11112222.list_${text}` : 'crm_11112222.list_deals', {
    title: `List ${text} deals`,
    description: `List ${text} deals`,
    method: 'GET',
    path: `/${text}/deals`,
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'object', properties: { [text]: field(text), status: field(text) } } },
    },
    outputSchema: {
      type: 'array',
      items: { type: 'object', properties: { [text]: field(text), status: field(text) } },
    },
  });

test.each([
  ' ',
  'a',
  'A',
  'A ',
  'aA',
  '_',
  '-',
  '.',
  ', ',
  '"',
  '{',
  '1',
  '1 ',
  '/',
  'a/',
  'and ',
  '漢',
  '\u0301',
  '😀',
])(
  'tools of 100 KB of %j in each name and text are read and planned over within their budgets',
  async (text) => {
    const long = text.repeat(SIZE / text.length);
    const { source } = aSource({ [text]: [toolWith(long, false), toolWith(long, true)] }, 'hostile');
    const from = process.cpuUsage();
    const draft = await planner.plan(ask(source, { intent: 'List the open deals' }));
    const { user, system } = process.cpuUsage(from);
    expect((user + system) / 1000).toBeLessThan(MAX_MS);
    expect(['plan', 'none']).toContain(draft.kind);
    // A machine that is very busy may reach the limit by the clock.
    expect(toolsOf(draft)).not.toContain('of processor time');
  },
  120_000,
);
