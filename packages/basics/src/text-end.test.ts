import { expect, test } from 'vitest';
import { withoutTrailing } from './text-end.ts';

test.each([
  ['', ''],
  ['///', ''],
  ['a', 'a'],
  ['/a//b//', '/a//b'],
])('%j without trailing slashes is %j', (text, expected) => expect(withoutTrailing(text, '/')).toBe(expected));
