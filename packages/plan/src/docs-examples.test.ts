// Each plan in docs/plan-language.md and docs/planning.md is accepted or refused as the page says.
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { checkPlan } from './check/check.ts';
import { createSandbox } from './sandbox/sandbox.ts';
import { aTool } from './testing/a-tool.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const pages = ['plan-language', 'planning'].map((name) =>
  readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8'),
);
const blocks = [...pages.join('\n').matchAll(/(?:<!-- (.+) -->\n)?```json\n([\s\S]*?)```/g)].map(
  ([, verdict, text]) => {
    const plan = JSON.parse(text!) as { goal: string };
    return { goal: plan.goal, verdict: verdict ?? 'none', plan };
  },
);

const text = { type: 'string' };
const group = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const number = { type: 'number' };
const dealQuery = group({
  accountId: text,
  stage: text,
  minAmount: number,
  limit: number,
  offset: number,
  sortBy: text,
  order: text,
});
const activity = group({ type: text, subject: text, accountId: text, scheduledAt: text }, ['type', 'accountId']);
const tools = [
  aTool('listAccounts', { query: group({ name: text }) }),
  aTool('listDeals', { query: dealQuery }),
  aTool('listTickets', { query: group({ status: text, accountId: text }) }),
  aTool('getUser', { path: group({ userId: text }, ['userId']) }, { required: ['path'] }),
  aTool('createActivity', { body: activity }, { effect: 'write', required: ['body'] }),
];

const complaintsAbout = async (plan: unknown, mayFill: boolean) => {
  const checked = await checkPlan(plan, { tools, sandbox, mayFill });
  return checked.ok ? [] : checked.complaints.map(({ pointer, message }) => `${pointer}: ${message}`);
};

test('the page states the outcome of each plan', () => {
  expect(blocks.length).toBeGreaterThan(9);
  for (const { goal, verdict } of blocks)
    expect(verdict, goal).toMatch(/^(accepted|accepted with a model|accepted and answered|refused: .+)$/);
});

test.each(blocks)('$goal', async ({ plan, verdict }) => {
  const [, words] = /^refused: (.+)$/.exec(verdict) ?? [];
  const complaints = await complaintsAbout(plan, verdict === 'accepted with a model');
  if (words === undefined) expect(complaints).toEqual([]);
  else expect(complaints.filter((complaint) => complaint.startsWith(words))).not.toEqual([]);
});

test('without a model a plan that asks one to fill in a value is refused', async () => {
  const { plan } = blocks.find(({ verdict }) => verdict === 'accepted with a model')!;
  const [first] = await complaintsAbout(plan, false);
  expect(first).toMatch(/^\/steps\/2\/args\/body\/subject: No model is configured/);
});
