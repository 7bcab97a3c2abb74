// Moments, periods and plain values in the forms that schemas ask for, or nothing.
import { expect, it } from 'vitest';
import type { Grain, Period } from '../intent/periods.ts';
import type { Value } from '../intent/value.ts';
import { terms } from '../lexicon/words.ts';
import { shapeOf } from '../tools/shape.ts';
import { isClock, isDaily, isTemporal, renderClock, renderDate, renderPeriod, renderPlain } from './render.ts';

const shape = (schema: object) => shapeOf(schema as Record<string, never>, {});
const AFTERNOON = { date: new Date('2026-12-03T14:30:00Z') };
const FIRST = { date: new Date('2026-10-01T00:00:00Z') };

it.each<[object, string | number, string, string]>([
  [{ type: 'string', format: 'date' }, '2026-12-03', '$substring(now, 0, 10)', 'daily temporal'],
  [{ type: 'string', format: 'date-time' }, '2026-12-03T14:30:00Z', 'now', 'temporal'],
  [{ type: 'string', format: 'time' }, '14:30:00', '$substring(now, 11, 8)', 'temporal clock'],
  [{ type: 'string', example: '2026-01-01' }, '2026-12-03', '$substring(now, 0, 10)', 'daily temporal'],
  [{ type: 'string', description: 'YYYY-MM-DD' }, '2026-12-03', '$substring(now, 0, 10)', 'daily temporal'],
  [{ type: 'string', description: 'Start time as HH:MM' }, '2026-12-03T14:30:00Z', 'now', 'clock'],
  [{ type: 'string' }, '2026-12-03T14:30:00Z', 'now', ''],
  [{ type: 'integer' }, 1796308200, '$floor($toMillis(now) / 1000)', ''],
  [{ type: 'integer', description: 'in milliseconds' }, 1796308200000, '$toMillis(now)', ''],
  [{ type: 'integer', example: 1700000000000 }, 1796308200000, '$toMillis(now)', ''],
])('a moment as %j', (schema, fixed, computed, kinds) => {
  const asked = shape(schema);
  expect(renderDate(AFTERNOON, asked)).toBe(fixed);
  expect(renderDate({ ...AFTERNOON, moves: [] }, asked)).toEqual({ $: computed });
  const is = [isDaily(asked) ? 'daily' : [], isTemporal(asked, []) ? 'temporal' : [], isClock(asked) ? 'clock' : []];
  expect(is.flat().join(' ')).toBe(kinds);
});

it('a time of day has seconds where its format asks for them', () => {
  expect(renderClock(AFTERNOON, shape({ type: 'string' }))).toBe('14:30');
  expect(renderClock(AFTERNOON, shape({ type: 'string', format: 'time' }))).toBe('14:30:00');
  expect(renderClock({ ...AFTERNOON, moves: [] }, shape({ type: 'string' }))).toEqual({ $: '$substring(now, 11, 5)' });
});

it.each<[Grain, object, string, string | number | undefined]>([
  ['quarter', { type: 'string' }, 'quarter', 'Q4 2026'],
  ['quarter', { type: 'integer' }, 'quarter', 4],
  ['quarter', { type: 'integer' }, 'year', 2026],
  ['quarter', { type: 'integer' }, 'month', undefined],
  ['quarter', { type: 'string', enum: ['Q1', 'Q2', 'Q3', 'Q4'] }, 'quarter', 'Q4'],
  ['quarter', { type: 'string', enum: ['2026-Q4', '2026-Q3'] }, 'part', '2026-Q4'],
  ['quarter', { type: 'string', example: '2025-Q1' }, 'period', '2026-Q4'],
  ['quarter', { type: 'string', example: 'Q1 2025' }, 'period', 'Q4 2026'],
  ['quarter', { type: 'string', description: 'like 2024Q1' }, 'period', '2026Q4'],
  ['quarter', { type: 'string', example: '2025-01' }, 'period', undefined],
  ['month', { type: 'string' }, 'month', '2026-10'],
  ['month', { type: 'string', example: 'March' }, 'month', 'October'],
  ['month', { type: 'integer' }, 'month', 10],
  ['month', { type: 'string', example: '03' }, 'month', '10'],
  ['year', { type: 'integer' }, 'year', 2026],
  ['year', { type: 'string' }, 'year', '2026'],
  ['year', { type: 'integer' }, 'month', undefined],
  ['half', { type: 'string' }, 'half', 'H2 2026'],
  ['year', { type: 'string' }, 'name', undefined],
  ['quarter', { type: 'string', enum: ['red'] }, 'quarter', undefined],
])('a %s as %j called %s', (grain, schema, name, expected) => {
  const period: Period = { from: FIRST, to: FIRST, grain };
  expect(renderPeriod(period, shape(schema), terms(name))).toBe(expected);
});

it.each<[Partial<Value>, object, unknown]>([
  [{ text: 'Open' }, { type: 'string', enum: ['open', 'closed'] }, 'open'],
  [{ text: 'unpaid' }, { type: 'string', enum: ['open', 'closed'] }, 'open'],
  [{ text: 'Alpine Research Station' }, { type: 'string', enum: ['research', 'other'] }, undefined],
  [{ text: '5', number: 5 }, { type: 'integer' }, 5],
  [{ text: '5.5', number: 5.5 }, { type: 'integer' }, undefined],
  [{ text: '5.5', number: 5.5 }, { type: 'number' }, 5.5],
  [{ text: '50', number: 50 }, { type: 'integer', maximum: 10 }, undefined],
  [{ text: '0', number: 0 }, { type: 'integer', minimum: 1 }, undefined],
  [{ text: 'five' }, { type: 'integer' }, undefined],
  [{ text: 'yes' }, { type: 'boolean' }, true],
  [{ text: 'off' }, { type: 'boolean' }, false],
  [{ text: 'maybe' }, { type: 'boolean' }, undefined],
  [{ text: 'x' }, { type: 'object' }, undefined],
  [{ text: 'x' }, { type: 'array' }, undefined],
  [{ text: 'a@b.c' }, { type: 'string', format: 'email' }, 'a@b.c'],
  [{ text: 'ab' }, { type: 'string', format: 'email' }, undefined],
  [{ text: 'http://a' }, { type: 'string', format: 'uri' }, 'http://a'],
  [{ text: 'a' }, { type: 'string', format: 'uri' }, undefined],
  [{ text: 'a' }, { type: 'string', format: 'date' }, undefined],
  [{ text: 'a' }, { type: 'string', format: 'uuid' }, undefined],
  [{ text: 'abcdef' }, { type: 'string', maxLength: 5 }, undefined],
  [{ text: 'abcde' }, { type: 'string', maxLength: 5 }, 'abcde'],
  [{ text: '2', number: 2 }, { enum: [1, 2] }, 2],
])('%j as %j', (value, schema, expected) => {
  expect(renderPlain(value as Value, { shape: shape(schema) })).toBe(expected);
});
