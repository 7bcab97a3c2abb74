import { expect, test } from 'vitest';
import { jsonText, storable } from './json.ts';

test('text that Postgres cannot store is removed, at any depth and in keys', () => {
  expect(storable({ 'a\0': ['x\0y', '\ud800z', '😀'], b: 1 })).toEqual({ a: ['xy', '\ufffdz', '😀'], b: 1 });
});

test('JSON text is changed only where necessary', () => {
  expect(jsonText({ a: 'x\0y', b: '\ud800' })).toBe('{"a":"xy","b":"\ufffd"}');
  expect(jsonText({ a: '\\u0000 is not NUL', b: undefined })).toBe('{"a":"\\\\u0000 is not NUL"}');
});
