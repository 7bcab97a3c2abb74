import { expect, it } from 'vitest';
import { type OutcomeContext, outcomeOf } from './outcome.ts';

const context: OutcomeContext = {
  isWrite: false,
  secretForms: ['token-of-ann'],
  sentCredential: false,
  isFromRun: false,
  needsCredential: false,
  isAws: false,
};
const outcome = (body: Buffer, status = 200, truncated = false) =>
  outcomeOf({ status, headers: { 'content-type': 'text/plain' }, body, ...(truncated && { truncated }) }, context);

it.each([
  ['an answer', 200],
  ['an error body', 500],
])('%s of bytes that are no UTF-8 is read in time that grows with its length', (_name, status) => {
  for (const [length, maxMs] of [
    [64 * 1024, 50],
    [4 * 1024 * 1024, 400],
  ] as const) {
    const body = Buffer.alloc(length, 0xff);
    body[length - 1] = 0x61;
    const before = process.cpuUsage();
    const { output } = outcome(body, status) as { output: string };
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(maxMs);
    expect(output.slice(0, 3)).toBe('\ufffd\ufffd\ufffd');
  }
});

it('a character that is cut at the end is left out, other replacement characters stay', () => {
  const text = Buffer.concat([
    Buffer.from('secret: 💣 '),
    Buffer.from([0xff]),
    Buffer.from(' tail of 12 c'),
    Buffer.from('€'),
  ]);
  expect(outcome(text.subarray(0, -1), 200, true)).toMatchObject({ output: 'secret: 💣 \ufffd \n[cut]' });
  expect(outcome(text)).toMatchObject({ output: 'secret: 💣 \ufffd tail of 12 c€' });
});
