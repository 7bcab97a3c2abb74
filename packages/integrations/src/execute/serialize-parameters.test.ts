import type { Json } from '@errand/contracts';
import { describe, expect, it } from 'vitest';
import { buildRequest } from './build.ts';
import type { HttpCall, ParameterStyle } from './http-call.ts';

const list = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };

// The style examples of the OpenAPI specification, 3.0.4 and 3.1.1, parameter `color`.
const table: [HttpCall['parameters'][0]['in'], ParameterStyle, boolean, Json, string][] = [
  ['path', 'matrix', false, 'blue', ';color=blue'],
  ['path', 'matrix', false, list, ';color=blue,black,brown'],
  ['path', 'matrix', false, object, ';color=R,100,G,200,B,150'],
  ['path', 'matrix', true, 'blue', ';color=blue'],
  ['path', 'matrix', true, list, ';color=blue;color=black;color=brown'],
  ['path', 'matrix', true, object, ';R=100;G=200;B=150'],
  ['path', 'label', false, 'blue', '.blue'],
  ['path', 'label', false, list, '.blue,black,brown'],
  ['path', 'label', false, object, '.R,100,G,200,B,150'],
  ['path', 'label', true, 'blue', '.blue'],
  ['path', 'label', true, list, '.blue.black.brown'],
  ['path', 'label', true, object, '.R=100.G=200.B=150'],
  ['path', 'simple', false, 'blue', 'blue'],
  ['path', 'simple', false, list, 'blue,black,brown'],
  ['path', 'simple', false, object, 'R,100,G,200,B,150'],
  ['path', 'simple', true, list, 'blue,black,brown'],
  ['path', 'simple', true, object, 'R=100,G=200,B=150'],
  ['query', 'form', false, '', 'color='],
  ['query', 'form', false, 'blue', 'color=blue'],
  ['query', 'form', false, list, 'color=blue,black,brown'],
  ['query', 'form', false, object, 'color=R,100,G,200,B,150'],
  ['query', 'form', true, '', 'color='],
  ['query', 'form', true, 'blue', 'color=blue'],
  ['query', 'form', true, list, 'color=blue&color=black&color=brown'],
  ['query', 'form', true, object, 'R=100&G=200&B=150'],
  ['query', 'spaceDelimited', false, list, 'color=blue%20black%20brown'],
  ['query', 'spaceDelimited', false, object, 'color=R%20100%20G%20200%20B%20150'],
  ['query', 'pipeDelimited', false, list, 'color=blue%7Cblack%7Cbrown'],
  ['query', 'pipeDelimited', false, object, 'color=R%7C100%7CG%7C200%7CB%7C150'],
  ['query', 'deepObject', true, object, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  ['query', 'deepObject', true, { a: { b: [1, 2] } }, 'color%5Ba%5D%5Bb%5D%5B0%5D=1&color%5Ba%5D%5Bb%5D%5B1%5D=2'],
  ['header', 'simple', false, list, 'blue,black,brown'],
  ['header', 'simple', false, object, 'R,100,G,200,B,150'],
  ['header', 'simple', true, object, 'R=100,G=200,B=150'],
];

const call = (parameter: HttpCall['parameters'][0], path = '/x'): HttpCall => ({
  kind: 'http',
  method: 'GET',
  path: parameter.in === 'path' ? '/x/{color}' : path,
  parameters: [parameter],
  accept: 'application/json',
});

describe('parameter styles', () => {
  it.for(table)('%s %s explode=%s %j is %s', ([part, style, explode, value, expected]) => {
    const request = buildRequest(
      call({ in: part, name: 'color', style, explode }),
      { [part]: { color: value } },
      'https://a.example/v1',
    );

    const written =
      part === 'header'
        ? request.headers.color
        : part === 'path'
          ? request.url.pathname.slice(6)
          : request.url.search.slice(1);
    expect(written).toBe(expected);
  });

  it('encodes what is not plain, but for allowReserved', () => {
    const plain = { in: 'query', name: 'q', style: 'form', explode: true } as const;
    const value = { query: { q: 'a/b?c&d=e f#g' } };
    expect(buildRequest(call(plain), value, 'https://a.example').url.search).toBe('?q=a%2Fb%3Fc%26d%3De%20f%23g');
    expect(buildRequest(call({ ...plain, allowReserved: true }), value, 'https://a.example').url.search).toBe(
      '?q=a/b?c%26d%3De%20f%23g',
    );
  });

  it('writes parameters of a media type as JSON', () => {
    const json = { in: 'query', name: 'f', style: 'form', explode: true, json: true } as const;
    expect(buildRequest(call(json), { query: { f: { a: 1 } } }, 'https://a.example').url.search).toBe(
      '?f=%7B%22a%22%3A1%7D',
    );
  });
});

describe('paths', () => {
  const get: HttpCall = { kind: 'http', method: 'GET', path: '/deals/{a}{b}/x', parameters: [], accept: '*/*' };
  it.each([
    ['.', '.'],
    ['..', 'x'],
    ['../..', 'x'],
    ['x/../y', 'x'],
    ['a\\..\\b', 'x'],
    ['', 'x'],
    [null, 'x'],
  ])('refuses %j and %j', (a, b) => {
    expect(() => buildRequest(get, { path: { a, b } }, 'https://a.example/v1')).toThrow(/path/);
  });

  it('keeps odd values in their segment', () => {
    const { url } = buildRequest(get, { path: { a: 'a/b?c#d%2e', b: '…' } }, 'https://a.example/v1/');
    expect(url.href).toBe('https://a.example/v1/deals/a%2Fb%3Fc%23d%252e%E2%80%A6/x');
  });

  it('refuses arguments that the tool does not take', () => {
    expect(() => buildRequest(get, { path: { a: 'a', b: 'b', c: 'c' } }, 'https://a.example')).toThrow(/path.c/);
    expect(() => buildRequest(get, { path: { a: 'a', b: 'b' }, body: {} }, 'https://a.example')).toThrow(/body/);
  });
});
