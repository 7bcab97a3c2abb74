import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';
import { forPeople, isTime, labelOf, shapeOf, textOf } from './shape.ts';

describe('shapeOf', () => {
  it('reads a list of objects as rows with all their columns', () => {
    expect(shapeOf([{ a: 1 }, { b: 2, a: 3 }])).toEqual({
      kind: 'rows',
      rows: [{ a: 1 }, { b: 2, a: 3 }],
      columns: ['a', 'b'],
    });
  });

  it('reads mixed lists as lists, and lists without fields too', () => {
    expect(shapeOf([1, { a: 1 }]).kind).toBe('list');
    expect(shapeOf([{}, {}]).kind).toBe('list');
  });

  it('reads scalars as text, objects as fields, and empty values as nothing', () => {
    expect(shapeOf(false)).toEqual({ kind: 'text', text: 'no' });
    expect(shapeOf(0)).toEqual({ kind: 'text', text: '0' });
    expect(shapeOf({ a: [] })).toEqual({ kind: 'fields', fields: [['a', []]] });
    for (const empty of [null, undefined, '', [], {}]) expect(shapeOf(empty)).toEqual({ kind: 'nothing' });
  });
});

it('writes names as labels', () => {
  expect(['ownerName', 'owner_name', 'closeDate', 'id', 'URL', 'x-id'].map(labelOf)).toEqual([
    'Owner name',
    'Owner name',
    'Close date',
    'Id',
    'URL',
    'X id',
  ]);
});

it('puts columns with ids last', () => {
  expect(forPeople(['id', 'name', 'ownerId', 'paid', 'user_id', 'amount'])).toEqual([
    'name',
    'paid',
    'amount',
    'id',
    'ownerId',
    'user_id',
  ]);
});

it('writes values in one line', () => {
  expect(textOf(['a', 1, null])).toBe('a, 1, –');
  expect(textOf([{ a: 1 }])).toBe('[{"a":1}]');
});

it('takes only complete moments for times', () => {
  expect(isTime('2026-11-26T09:00:00.000Z')).toBe(true);
  expect(isTime('2026-11-26T09:00:00+01:00')).toBe(true);
  expect(isTime('2026-11-26')).toBe(false);
  expect(isTime('2026-11-26T09:00:00')).toBe(false);
});

describe('csvOf', () => {
  it('quotes separators, quotes and line ends', () => {
    expect(csvOf([{ a: 'x,y', b: 'say "hi"', c: 'two\nlines' }])).toBe('a,b,c\r\n"x,y","say ""hi""","two\nlines"\r\n');
  });

  it('leaves absent and null cells empty, and writes nested values as JSON', () => {
    expect(csvOf([{ a: null }, { b: { c: [1] } }, { a: true, b: -1.5 }])).toBe(
      'a,b\r\n,\r\n,"{""c"":[1]}"\r\ntrue,-1.5\r\n',
    );
  });

  it('keeps texts from becoming formulas of a spreadsheet', () => {
    for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1'])
      expect(csvOf([{ a: text }]).slice(3)).toMatch(/^"?'/);
    expect(csvOf([{ '=a': -1 }])).toBe("'=a\r\n-1\r\n");
  });
});
