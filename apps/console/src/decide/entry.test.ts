import { expect, test } from 'vitest';
import { answerDraft } from './answer.ts';
import { closingOf, closingText, type Entry, safeUrl, sentenceOf } from './entry.ts';

const entry = (more: object) => ({ kind: 'call', text: 'Pay 5?', ...more }) as Entry;
const now = Date.parse('2026-01-01T00:00:00.000Z');

test('only http and https addresses are opened', () => {
  expect(safeUrl('https://pay.example.com/confirm')?.host).toBe('pay.example.com');
  for (const url of [
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc',
    '//x',
    '',
    undefined,
  ])
    expect(safeUrl(url)).toBeUndefined();
});

test('how a request ended', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const decided = closingOf(entry({ decided: { decision: 'approve', by: 'Ada', at, reason: 'Fine' } }), now);
  expect(decided).toEqual({ why: 'decided', decision: 'approve', by: 'Ada', at, reason: 'Fine' });
  expect(closingText(decided!)).toBe('approved by Ada');
  expect(closingOf(entry({ decided: { decision: 'deny', at } }), now)).toMatchObject({ why: 'expired' });
  expect(closingOf({ ...entry({ expiresAt: at }), state: 'gone' }, now)).toMatchObject({ why: 'expired' });
  expect(closingOf({ ...entry({ expiresAt: at }), state: 'pending' }, now)).toBeUndefined();
  expect(closingOf({ ...entry({}), state: 'gone' }, now)).toEqual({ why: 'ended' });
});

test('the sentence of each kind', () => {
  const inWords = { sentence: 'Pay 5 to Ann', args: [] };
  expect(sentenceOf(entry({ inWords }))).toBe('Pay 5 to Ann?');
  expect(sentenceOf(entry({ kind: 'effect', inWords }))).toBe('Pay 5 to Ann: did it happen?');
  expect(sentenceOf(entry({ text: 'Pay 5?\n1. Pay 2\n2. Pay 3', inWords: { ...inWords, calls: [] } }))).toBe('Pay 5?');
  expect(sentenceOf(entry({ kind: 'consent', userId: 'ann', integrationName: 'Calendar' }))).toBe(
    'ann must connect Calendar',
  );
});

test('a form to answer begins with its defaults', () => {
  const schema = { properties: { where: { enum: ['in', 'out'], default: 'out' }, seats: { type: 'integer' } } };
  expect(answerDraft(schema).values).toEqual({ where: 'out' });
  expect(answerDraft({ properties: {} }).values).toEqual({});
});
