// Texts that an intent gives to be sent, and what a context tells.
import { expect, it } from 'vitest';
import { readIntent } from './intent.ts';

const said = { isSpoken: () => false, isMentioned: () => false, commands: () => false };
const read = (intent: string, context = '') => readIntent({ intent, context }, new Date('2026-11-25T09:00:00Z'), said);

it.each<[string, string, number]>([
  ['Reply to ticket 5: "It is done."', 'It is done.', 1],
  ['Reply to ticket 5: It works again', 'It works again', 1],
  ['Reply to ticket 5: It works again. Then close it', 'It works again.', 2],
  ['Send Ana a message that says see you', 'see you', 1],
  ['Add a note with the text Bring shoes', 'Bring shoes', 1],
  ['Email Ana saying hello and then close the lesson', 'hello', 2],
  ['Text Ana: running late', 'running late', 1],
  ['Comment on lesson 5 saying that it is late', 'that it is late', 1],
])('%s gives the text %s', (intent, text, clauses) => {
  const { values, clauses: made } = read(intent);
  expect(values.filter(({ preposition }) => preposition === 'saying').map((value) => value.text)).toEqual([text]);
  expect(made).toHaveLength(clauses);
});

it('what only shows sends no text', () => {
  expect(read('Show the lesson: violin').values).toEqual([]);
});

it.each<[string, string | undefined, ...string[]]>([
  ['teacher=Ana Berg; level=2', undefined, 'teacher Ana Berg', 'level 2'],
  ['level=2; level=3', undefined, ' 2', ' 3'],
  ['note="a b"', undefined, 'note a b'],
  ['Focus on Q4 2023 data', 'narrowed', ' Q4 2023'],
  ['Only those over 50 euros', 'narrowed', ' 50'],
  ['Except those of Ana Berg', 'narrowed', ' Ana Berg'],
  ['Those without Ana Berg', 'narrowed', ' Ana Berg'],
  ['Limit it to Q4 2023', 'narrowed', ' Q4 2023'],
  ['We met Ana Berg in May', undefined, ' May', ' Ana Berg'],
])('context: %s', (context, isNarrowed, ...expected) => {
  const { narrowed, values } = read('Show the lessons', context);
  expect(narrowed).toBe(isNarrowed !== undefined);
  expect(values.map(({ key = '', text }) => `${key} ${text}`)).toEqual(expected);
  expect(values.every(({ fromContext }) => fromContext)).toBe(true);
});

it('words of a context are told, and ask for nothing', () => {
  const { background, clauses } = read('Show the lessons', 'We met the teachers');
  expect(background.map(({ term }) => term.text)).toEqual(['met', 'teachers']);
  expect(clauses[0]!.topics.map(({ term }) => term.text)).toEqual(['lessons']);
});
