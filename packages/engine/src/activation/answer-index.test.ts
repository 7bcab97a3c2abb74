import type { Output } from '@errand/plan';
import { expect, test } from 'vitest';
import { AnswerIndex } from './answer-index.ts';

/** An index over JSON texts. Each reading ends after a turn of the event loop. */
function indexOf(...texts: string[]): AnswerIndex {
  const outputs = texts.map((text): Output => ({ bytes: Buffer.byteLength(text), text }) as Output);
  return new AnswerIndex({
    all: () => outputs,
    withTexts: async (wanted, use) => {
      await new Promise(setImmediate);
      return use(wanted.map((output) => texts[outputs.indexOf(output)]!));
    },
  });
}

test.each<[text: string, value: string, at: 'member' | 'within' | undefined]>([
  ['{"to":"ada@b.example"}', 'ada@b.example', 'member'],
  ['["x", "ada@b.example"]', 'ada@b.example', 'member'],
  ['"ada"', 'ada', 'member'],
  ['{"body":"write to ada@b.example"}', 'ada@b.example', 'within'],
  ['{"body":"say \\"ada\\", or [\\"ada\\"]"}', 'ada', 'within'],
  ['{"body":"ends in \\\\","to":"ada"}', 'ada', 'member'],
  ['{"n":4711,"m":-2.5e3}', '4711', 'member'],
  ['[1, 4711, 2]', '4711', 'member'],
  ['4711', '4711', 'member'],
  ['{"body":"pay :4711, now","x":[14711,47110]}', '4711', 'within'],
  ['{"body":"\\":4711,","n":4711}', '4711', 'member'],
  ['{"n":4711}', '471', 'within'],
  ['{"n":4711}', 'ada', undefined],
  ['{"n":""}', '', undefined],
])('a value is a member of an answer, or within a longer one: %s has %s', async (text, value, at) => {
  expect((await indexOf(text).find([value])).get(value)).toBe(at);
});

test('calls that look at the same time find the same', async () => {
  const large = (value: string) => JSON.stringify([value, 'x'.repeat(900_000)]);
  const index = indexOf(large('ada'), large('ole'));
  const all = await Promise.all(['ada', 'ole', 'ada', 'ole'].map((value) => index.find([value])));
  expect(all.map((places) => [...places.values()])).toEqual([['member'], ['member'], ['member'], ['member']]);
});

test('a search in large answers lets others work in between', async () => {
  const index = indexOf(JSON.stringify(Array.from({ length: 250_000 }, (_, n) => n)));
  let [turns, done] = [0, false];
  const count = () => {
    turns++;
    if (!done) setImmediate(count);
  };
  const values = Array.from({ length: 300 }, (_, n) => `${n}00000000`);
  setImmediate(count);
  await index.find(values);
  done = true;
  expect(turns).toBeGreaterThan(20);
});
