import { afterAll, expect, test } from 'vitest';
import { isAnswer } from './answer-shape.ts';
import { Pool } from './pool.ts';
import type { Work } from './protocol.ts';

const pool = new Pool({ children: 1, heapMb: 128, stackMb: 4 });
afterAll(() => pool.close());

const schema = { text: '{"type":"object","required":["a"]}', dialect: 'draft-07', closed: false } as const;
const works: readonly Work[] = [
  {
    op: 'analyse',
    expressions: ['steps.a.output.items[due < now].id', 'a.(', 'items.map(1)', '$sum(item.x)', 'a => b'],
  },
  { op: 'evaluate', expressions: ['1', 'none', '(null)', '$refuse("no")', '$uppercase(1)', '{"a": [1]}'], scope: '{}' },
  { op: 'checkSchema', schema },
  { op: 'checkSchema', schema: { ...schema, text: '{"$async":true}' } },
  { op: 'validate', schema, value: '{}' },
  { op: 'validate', schema, value: '{"a":1}' },
  { op: 'validate', schema: { ...schema, text: '{"$async":true}' }, value: '{}' },
  { op: 'bind', args: '{"x":{"$":"1 + 1"},"y":{"$":"none"}}', scope: '{}', schema },
  { op: 'bind', args: '{"x":{"$":"$uppercase(1)"}}', scope: '{}' },
];

test.each(works.map((work) => [work.op, work] as const))('a true answer to %s is accepted', async (_, work) => {
  const answer: unknown = JSON.parse(await pool.run(work, 'w', 20_000));
  expect(isAnswer(work, answer), JSON.stringify(answer)).toBe(true);
});

test.each([
  null,
  1,
  'ok',
  [],
  {},
  [{ ok: true }],
  [{ ok: true, value: 1 }],
  [{ ok: false }],
  [{ ok: false, message: { toString: 1 } }],
  { ok: true, length: 1 },
  { ok: false, errors: 'none' },
  { ok: true, args: {}, missing: [{}], verdict: { ok: true } },
  { ok: true, args: {}, missing: [], verdict: { ok: 'yes' } },
  { code: 'internal', pointer: '', message: '' },
  JSON.parse('[{"__proto__": {"ok": true, "value": 1, "missing": false}}]'),
])('%j is no answer to anything', (answer) => {
  const works: readonly Work[] = [
    { op: 'analyse', expressions: ['1'] },
    { op: 'evaluate', expressions: ['1'], scope: '{}' },
    { op: 'checkSchema', schema },
    { op: 'bind', args: '{}', scope: '{}' },
  ];
  const accepted = works.filter((work) => isAnswer(work, answer)).map(({ op }) => op);
  expect(accepted).toEqual(answer === null ? ['checkSchema'] : []);
});

test('answers to more or fewer expressions than were asked for are not accepted', () => {
  const outcome = { ok: true, value: 1, missing: false };
  const work: Work = { op: 'evaluate', expressions: ['1', '2'], scope: '{}' };
  expect([1, 2, 3].map((count) => isAnswer(work, Array(count).fill(outcome)))).toEqual([false, true, false]);
});
