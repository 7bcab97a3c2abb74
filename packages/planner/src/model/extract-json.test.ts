import { expect, test } from 'vitest';
import { extractJson } from './extract-json.ts';

const any = () => true;

test('takes the last object that is wanted, and the last at all when none is', () => {
  const isPlan = (value: object) => 'steps' in value;
  expect(extractJson('{"steps": 1} then {"steps": 2} then {"other": 3}', isPlan)).toEqual({
    ok: true,
    value: { steps: 2 },
  });
  expect(extractJson('{"a": 1} {"b": 2}', isPlan)).toEqual({ ok: true, value: { b: 2 } });
});

test('never takes a part of an object that was cut off', () => {
  const text = '{"goal": "g", "steps": [{"id": "a", "args": {"steps": []}}, {"id": ';
  expect(extractJson(text, (value) => 'steps' in value)).toMatchObject({ ok: false });
});

test('reads over comments, which may contain brackets, quotes and commas', () => {
  const text = '{ // the "first" {\n"a": [1, /* ] */ 2, // last\n], "b": "// no comment /* */"}';
  for (const answer of [text, `Here: ${text} and // more`])
    expect(extractJson(answer, any)).toEqual({ ok: true, value: { a: [1, 2], b: '// no comment /* */' } });
});

test('reads a wanted object that is the only member of another one, or JSON in a string', () => {
  const isPlan = (value: object) => 'steps' in value;
  const value = { steps: [] };
  for (const text of [`{"answer": ${JSON.stringify(value)}}`, JSON.stringify({ answer: JSON.stringify(value) })])
    expect(extractJson(text, isPlan)).toEqual({ ok: true, value });
  expect(extractJson('{"a": {"steps": []}, "b": 1}', isPlan)).toMatchObject({ value: { b: 1 } });
});

test('leaves strings as they are', () => {
  const value = { a: 'x, ] and , } and {"b": "<think>"} \\" ', b: '```json' };
  expect(extractJson(`Here: ${JSON.stringify(value).replace('}"', '}" ')},`, any)).toMatchObject({ ok: true });
  expect(extractJson(`Here: ${JSON.stringify(value)}`, any)).toEqual({ ok: true, value });
  expect(extractJson(`${JSON.stringify(value).slice(0, -1)},}`, any)).toEqual({ ok: true, value });
});

test.each([
  ['{'],
  ['{"'],
  ['{"a":'],
  ['"\\"'],
  [','],
  [', '],
  ['<think>'],
  ['{x '],
  ['[{"a":['],
  ['\\"{'],
  ['/*'],
  ['{//'],
  ['{/*'],
  ['{"a"/'],
])('reads a million characters of %j in well under two seconds of processor time', (piece) => {
  const text = piece.repeat(Math.floor(1_000_000 / piece.length));
  const before = process.cpuUsage();
  expect(extractJson(text, any).ok).toBe(false);
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
});
