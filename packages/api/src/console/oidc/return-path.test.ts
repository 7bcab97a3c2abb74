import { expect, test } from 'vitest';
import { returnPathOf } from './return-path.ts';

test.each([
  ['/console/', '/console/'],
  ['/console/w/0192f0c1/runs?status=FAILED&q=a%20b', '/console/w/0192f0c1/runs?status=FAILED&q=a%20b'],
  ['/console/runs#er_secret', '/console/runs'],
  ['/console/a/../b', '/console/b'],
])('%s is a page of the console', (path, expected) => {
  expect(returnPathOf(path)).toBe(expected);
});

test.each<[unknown]>([
  [undefined],
  [7],
  [['/console/runs', '//evil.example']],
  [''],
  ['/'],
  ['/console'],
  ['//evil.example'],
  ['//evil.example/console/'],
  ['/\\evil.example'],
  ['\\/evil.example'],
  ['/console/\\..\\..\\evil'],
  ['https://evil.example/console/'],
  ['https:evil.example'],
  ['javascript:alert(1)'],
  ['/%2f%2fevil.example'],
  ['%2f%2fevil.example'],
  ['/%5cevil.example'],
  ['/console/../../evil.example'],
  ['/console/..//evil.example'],
  ['/console/%2e%2e//evil.example'],
  ['/console/.%2E/v1/runs'],
  ['/console/\n//evil.example'],
  ['/\t/evil.example'],
  [' //evil.example'],
  ['/console/ü'],
  ['/consoleevil'],
  ['/console@evil.example/'],
  ['/console/sign-in/oidc?return=/console/'],
  ['/console/x/../sign-in/oidc'],
  ['/console/trpc/session.get'],
  [`/console/${'a'.repeat(2000)}`],
])('%j leads to the first page', (path) => {
  expect(returnPathOf(path)).toBe('/console/');
});
