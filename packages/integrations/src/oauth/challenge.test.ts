import { expect, it } from 'vitest';
import { challengeOf } from './challenge.ts';

it.each([
  [undefined, {}],
  ['Basic realm="x"', {}],
  ['Bearer', {}],
  ['Bearer error="insufficient_scope", scope="a b"', { error: 'insufficient_scope', scopes: ['a', 'b'] }],
  ['Basic realm="x", Bearer error=invalid_token', { error: 'invalid_token' }],
  ['Bearer scope="a", Bearer scope="b"', { scopes: ['a'] }],
  ['bearer resource_metadata="https://x.example.com/a\\"b"', { resourceMetadataUrl: 'https://x.example.com/a"b' }],
  [`Bearer scope="${'a'.repeat(600)} b"`, { scopes: ['b'] }],
])('a challenge %s is read', (header, expected) => {
  expect(challengeOf(header)).toEqual(expected);
});
