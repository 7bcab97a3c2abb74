import { describe, expect, test } from 'vitest';
import {
  expandUrl,
  faultOfValue,
  isSupportedPattern,
  partsOfUrl,
  usesOf,
  type VariableUse,
} from './variable-values.ts';
import type { Variable } from './variables.ts';

const fault = (value: string, use: VariableUse, variable: Variable = {}) =>
  faultOfValue('shop', variable, value, [use]);

describe('a value in the host', () => {
  test.each(['acme', 'a', 'A-1', 'x'.repeat(63)])('may be the label %s', (value) => {
    expect(fault(value, 'host')).toBeUndefined();
  });

  test.each([
    '',
    'a.b',
    'evil.example.com/',
    'a/b',
    'a@evil.example.com',
    'a:b@c',
    'a:8080',
    'a?b',
    'a#b',
    'a\\b',
    '..',
    '%2e',
    'a b',
    'a\u0000',
    'ａ',
    'xn--\u00e9',
    '-a',
    'a-',
    '{other}',
    'x'.repeat(64),
  ])('may not be %j', (value) => {
    expect(fault(value, 'host')).toMatch(/^shop /);
  });

  test('may have dots, or be empty, if the owner lists it', () => {
    const region: Variable = { enum: ['', 'eu.', 'au.'] };
    expect(['', 'eu.', 'au.'].map((value) => fault(value, 'host', region))).toEqual([undefined, undefined, undefined]);
    expect(fault('us.', 'host', region)).toContain('must be one of');
  });

  test('keeps the structure of the URL, whatever the pattern allows', () => {
    const any: Variable = { pattern: '.*' };
    expect(['a/b', 'a@b', 'a?b', 'a#b', 'a..b', 'a:1'].map((value) => fault(value, 'host', any))).not.toContain(
      undefined,
    );
  });
});

test.each(['a/b', '..', 'a..b', '.', 'a?b', 'a#b', 'a@b', 'a\\b', '%2f', 'a\nb', '{x}', ''])(
  'a value in the path may not be %j',
  (value) => {
    expect(fault(value, 'path')).toMatch(/^shop /);
  },
);

test.each([
  'http://evil.example.com',
  'https://a.example.com/',
  'https://a.example.com/x',
  'https://u@a.example.com',
  'https://a.example.com?x',
  'HTTPS://a.example.com',
  'javascript:alert(1)',
  'a.example.com',
  'https://A.example.com',
])('a value that is a whole origin may not be %j', (value) => {
  expect(fault(value, 'origin')).toContain('https origin');
});

test('a value in a header has no line breaks and only characters of headers', () => {
  expect(['a\r\nx: y', 'a\nb', 'a\0', '\u20ac'].map((value) => fault(value, 'header'))).not.toContain(undefined);
  expect(fault('Bearer x; y=1', 'header')).toBeUndefined();
});

test('a pattern must match the whole value, in linear time', () => {
  const startedAt = process.cpuUsage().user;
  expect(fault(`${'a'.repeat(1999)}!`, 'argument', { pattern: '^(a+)+$' })).toContain('another form');
  expect(process.cpuUsage().user - startedAt).toBeLessThan(2_000_000);
  expect(fault('xabcx', 'argument', { pattern: 'abc' })).toContain('another form');
  expect(fault('abc', 'argument', { pattern: 'abc' })).toBeUndefined();
  expect(['(?=a)', '(a)\\1', '('].map(isSupportedPattern)).toEqual([false, false, false]);
});

test('a fault does not contain the value', () => {
  expect(fault('s3cr3t/s3cr3t', 'path', { secret: true, example: 'x' })).not.toContain('s3cr3t');
});

describe('a URL template', () => {
  test('takes values where they are, encoded in path and query', () => {
    expect(
      expandUrl('https://{shop}.example.com:{port}/v1/{id}?q={q}', { shop: 'acme', port: '8080', id: 'a b', q: '&=' }),
    ).toBe('https://acme.example.com:8080/v1/a%20b?q=%26%3D');
    expect(expandUrl('{instance}/services', { instance: 'https://acme.example.com' })).toBe(
      'https://acme.example.com/services',
    );
    expect(expandUrl('https://api.{region}intercom.io', { region: 'eu.' })).toBe('https://api.eu.intercom.io');
  });

  test.each([
    ['a value is missing', 'https://{shop}.example.com', {}],
    ['the host becomes an address', 'https://{shop}/x', { shop: '2130706433' }],
    ['the host becomes another', 'https://{shop}.example.com', { shop: 'evil.com/' }],
    ['there is a user', 'https://{shop}.example.com', { shop: 'a@b' }],
    ['a path is folded', 'https://a.example.com/x/.{dot}', { dot: '.' }],
    ['it becomes longer than 2,000 characters', 'https://a.example.com/{x}{x}', { x: 'x'.repeat(1_000) }],
    ['an origin has a path', '{shop}/x', { shop: 'https://a.example.com/b?' }],
  ])('is not expanded if %s', (_, template, values) => {
    expect(expandUrl(template, values as Record<string, string>)).toBeUndefined();
  });

  test('has no user, fragment or text before its origin', () => {
    expect(['https://u@{x}.a.com', 'https://{x}.a.com#f', '{x}.a.com', 'ftp://{x}', 'x{y}'].map(partsOfUrl)).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('names the part of each variable', () => {
    const urls = { '/baseUrl': '{o}/{p}?{q}', '/auth/tokenUrl': 'https://{h}.example.com:{n}/' };
    const uses = usesOf({ urls, query: {}, headers: { '/headers/x': '{o}' }, arguments: {} });
    expect(Object.fromEntries([...uses].map(([name, parts]) => [name, [...parts]]))).toEqual({
      o: ['origin', 'header'],
      p: ['path'],
      q: ['query'],
      h: ['host'],
      n: ['port'],
    });
  });
});
