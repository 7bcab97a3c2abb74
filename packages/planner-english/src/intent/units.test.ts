import { expect, it } from 'vitest';
import { inUnitOf, isInCents, unitOf } from './units.ts';

it.each<[number, string, string, number | undefined]>([
  [2, 'kg', 'weight in g', 2000],
  [250, 'grams', 'weight in kg', 0.25],
  [3, 'km', 'distance in metres', 3000],
  [10, 'miles', 'length in km', 16.09344],
  [6, 'feet', 'height in cm', 182.88],
  [1.5, 'litres', 'volume in ml', 1500],
  [2, 'tonnes', 'load in kilos', 2000],
  [5, 'euros', 'price in euro cents', 500],
  [5, 'euros', 'price in cents', 500],
  [5, 'euros', 'price in pounds', undefined],
  [5, '€', 'price in eur', 5],
  [5, '$', 'price in usd', 5],
  [50, 'cents', 'price in euros', 0.5],
  [50, 'pence', 'price in pounds', 0.5],
  [5, 'kg', 'length in m', undefined],
  [5, 'kg', 'the weight', 5],
  [5, 'apples', 'weight in kg', 5],
  [20, '%', 'share in percent', 20],
  [20, 'celsius', 'temperature in degrees', 20],
  [3, 'kwh', 'energy in wh', 3000],
  [Infinity, 'kg', 'weight in g', undefined],
  [0.1, 'kg', 'weight in mg', 100000],
])('%d %s where words speak of %s', (number, unit, said, expected) => {
  expect(inUnitOf(number, unit, said.split(' '))).toBe(expected);
});

it('strictly, words that speak of no unit take none', () => {
  expect(inUnitOf(5, 'kg', ['the', 'weight'], true)).toBeUndefined();
  expect(inUnitOf(5, 'kg', ['weight', 'kg'], true)).toBe(5);
});

it.each([
  ['in cents', true],
  ['in pence', true],
  ['euro cents', true],
  ['in euros', false],
  ['in kg', false],
  ['', false],
])('"%s" speaks of cents: %s', (said, expected) => {
  expect(isInCents(said.split(' '))).toBe(expected);
});

it.each<[string, string | undefined, string | undefined]>([
  ['KG', 'mass', undefined],
  ['Euros', 'money', 'euro euros eur €'],
  ['GBP', 'money', 'pound pounds gbp £'],
  ['yen', 'money', 'yen jpy ¥'],
  ['pence', 'money', undefined],
  ['stone', undefined, undefined],
])('%s is a unit of %s, in the currency %s', (word, kind, currency) => {
  expect([unitOf(word)?.kind, unitOf(word)?.currency]).toEqual([kind, currency]);
});
