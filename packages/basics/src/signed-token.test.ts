import { expect, test } from 'vitest';
import { openToken, type SigningKeys, signToken } from './signed-token.ts';

const keys: SigningKeys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const body = Buffer.from('what is signed');

test('a token gives its bytes with a key and the context', () => {
  const token = signToken(keys, body, 'a list');
  expect(openToken(keys, token, 'a list')).toEqual(body);
  expect(openToken(keys, token, 'another list')).toBeNull();
  expect(openToken([Buffer.alloc(32, 3)], token, 'a list')).toBeNull();
});

test('a later first key signs, and tokens of the earlier one stay good', () => {
  const token = signToken([keys[1]!], body);
  expect(openToken(keys, token)).toEqual(body);
});

test('no byte moves between context and body', () => {
  expect(openToken(keys, signToken(keys, Buffer.from('bc'), 'a'), 'ab')).toBeNull();
});

test('a token may hold no bytes at all', () => {
  expect(openToken(keys, signToken(keys, Buffer.alloc(0), 'x'), 'x')).toEqual(Buffer.alloc(0));
});

test.each(['', 'x', 'ä', '='.repeat(64), 'A'.repeat(43)])('%j is no token', (text) => {
  expect(openToken(keys, text)).toBeNull();
});

test('a token that is written in another way, or changed anywhere, is refused', () => {
  const token = signToken(keys, body);
  expect(openToken(keys, `${token}=`)).toBeNull();
  expect(openToken(keys, token.replaceAll('-', '+'))).toEqual(token.includes('-') ? null : body);
  for (let i = 0; i < token.length; i++) {
    const replacement = token[i] === 'A' ? 'B' : 'A';
    expect(openToken(keys, token.slice(0, i) + replacement + token.slice(i + 1))).toBeNull();
  }
});
