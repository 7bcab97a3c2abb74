// How many, which end of which order, a count, a sum, and what a question word asks for.
import { expect, it } from 'vitest';
import { readIntent } from './intent.ts';

const said = { isSpoken: () => false, isMentioned: () => false, commands: () => false };
const pickingOf = (text: string) =>
  readIntent({ intent: `Show ${text}`, context: '' }, new Date('2026-11-25T09:00:00Z'), said).clauses[0]!.picking;

/** An order in a line: how many, from which end, by what. */
it.each([
  ['the three largest lessons', '3 high by lessons amount value size'],
  ['the largest 3 lessons', '3 high by 3 lessons amount value size'],
  ['top-3 lessons', '3 high by 3 lessons amount value size'],
  ['the most expensive lesson', 'one high by lesson price'],
  ['the two least expensive lessons', '2 low by lessons price'],
  ['the cheapest lessons', 'all low by lessons price'],
  ['the oldest lesson', 'one low by date created'],
  ['the earliest lessons', 'all low by date created'],
  ['the next lesson', 'one low by date created'],
  ['the most popular lesson', 'one high by lesson popularity'],
  ['the best rated lessons', 'all high by lessons rating vote average'],
  ['the most urgent lesson', 'one high by lesson priority'],
  ['the longest lesson', 'one high by lesson duration length'],
  ['the shortest lessons', 'all low by lessons duration length'],
  ['the heaviest parcel', 'one high by parcel weight'],
  ['the lowest credit limit', 'one low by credit limit amount value size'],
  ['the latest lesson of Ana', 'one high by date created'],
  ['the latest news', 'all high by date created'],
  ['the last 5 lessons', '5 high by date created'],
  ['the latest sales by product', 'all high by date created'],
  ['the earliest close date', 'one low by close'],
  ['the latest 200 lessons', 'all high by date created'],
  ['who took the most hours', 'all high by hours'],
  ['the fewest pupils', 'all low by pupils'],
  ['the biggest gift last month', 'one high by gift last month amount value size'],
  ['the next week', ''],
  ['the last name', ''],
  ['the last updated', ''],
  ['at most 5 pupils', ''],
])('%s: %s', (text, expected) => {
  const { top } = pickingOf(text);
  const many = top?.many === Number.POSITIVE_INFINITY ? 'all' : (top?.many ?? 'one');
  const by = top?.by.map((one) => one.text).join(' ');
  expect(top === undefined ? '' : `${many} ${top.descending ? 'high' : 'low'} by ${by}`).toBe(expected);
});

it.each<[string, object]>([
  ['how many lessons are there', { count: true, counted: { text: 'lessons' } }],
  ['the number of lessons', { count: true }],
  ['a count of people', { count: true }],
  ['the number of the lesson', { count: false }],
  ['the number of lesson 5', { count: false }],
  ['the total price', { aggregate: 'sum' }],
  ['how much did we pay', { aggregate: 'sum' }],
  ['the overall minutes', { aggregate: 'sum' }],
  ['what she pays, all open lessons together?', { aggregate: 'sum' }],
  ['the average price', { aggregate: 'average' }],
  ['the mean age', { aggregate: 'average' }],
  ['who gave it', { asks: [{ text: 'person' }] }],
  ['when it is', { asks: [{ text: 'date' }] }],
  ['where it is', { asks: [{ text: 'place' }] }],
])('%s', (text, expected) => {
  expect(pickingOf(text)).toMatchObject(expected);
});

it.each(['how much the latest lesson was', 'the lessons together with their pupils', 'all lessons together'])(
  '%s is no sum',
  (text) => {
    expect(pickingOf(text).aggregate).toBeUndefined();
  },
);
