import { expect, test } from 'vitest';
import { z } from 'zod';
import { safeParse } from 'zod/v4/core';
import { invalidInput } from './invalid-input.ts';

const Colour = z.enum(['red', 'green']);
const Address = z.strictObject({ street: z.string(), town: z.string() });
const Coordinates = z.strictObject({ latitude: z.number(), longitude: z.number() });
const Payment = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('card'), number: z.string() }),
  z.strictObject({ type: z.literal('bank'), iban: z.string() }),
]);
const schema = z.strictObject({
  colours: z.union([z.array(z.literal('*')).length(1), z.array(Colour).min(1).max(2)]).optional(),
  paint: z.union([z.union([Colour, z.literal('any')]), z.array(Colour)]).optional(),
  text: z.union([z.string().max(5), z.record(z.string(), z.number())]).optional(),
  many: z.enum(Array.from({ length: 1000 }, (_, index) => `value-${index}`)).optional(),
  manyOr: z.union([z.enum(Array.from({ length: 1000 }, (_, index) => `value-${index}`)), z.boolean()]).optional(),
  where: z.union([Address, Coordinates]).optional(),
  pay: z.union([Payment, z.strictObject({ cash: z.literal(true) })]).optional(),
  worded: z.union([Address, Coordinates], { error: 'Give an address or coordinates.' }).optional(),
  byName: z.record(z.string().max(3), z.int()).optional(),
  own: z.union([z.array(z.string('Names of people.')), z.array(z.int())]).optional(),
});

function problemOf(input: unknown) {
  const parsed = safeParse(schema, input);
  if (parsed.success) throw new Error('The input is valid.');
  return invalidInput(schema, parsed.error.issues);
}
const errorsOf = (input: unknown) =>
  problemOf(input).options.errors?.map(({ pointer, message }) => `${pointer}: ${message}`);

test.each([
  [{ colours: ['blue'] }, '/colours/0: Invalid input: expected one of "*"|"red"|"green"'],
  [{ colours: ['red', 'blue'] }, '/colours/1: Invalid option: expected one of "red"|"green"'],
  [{ colours: 'red' }, '/colours: Invalid input: expected array, received string'],
  [
    { colours: [] },
    '/colours: Too small: expected array to have exactly 1 items, or Too small: expected array to have >=1 items',
  ],
  [{ paint: 'blue' }, '/paint: Invalid input: expected one of "red"|"green"|"any"|array, received string'],
  [{ paint: ['blue'] }, '/paint/0: Invalid option: expected one of "red"|"green"'],
  [{ text: 5 }, '/text: Invalid input: expected one of string|object, received number'],
  [{ text: 'longer' }, '/text: Too big: expected string to have <=5 characters'],
  [{ text: { a: 'b' } }, '/text/a: Invalid input: expected number, received string'],
  [{ where: { latitude: 5, longitude: '6' } }, '/where/longitude: Invalid input: expected number, received string'],
  [
    { where: {} },
    '/where: Invalid input: /street: Invalid input: expected string, received undefined, or /latitude: Invalid input: expected number, received undefined',
  ],
  [{ worded: 5 }, '/worded: Give an address or coordinates.'],
  [{ worded: {} }, '/worded: Give an address or coordinates.'],
  [{ worded: { street: 5, town: 'x' } }, '/worded/street: Invalid input: expected string, received number'],
  [{ pay: { type: 'card', number: 5 } }, '/pay/number: Invalid input: expected string, received number'],
  [{ pay: { type: 'gold' } }, `/pay/type: Invalid discriminator value. Expected 'card' | 'bank'`],
  [{ byName: { blue: 1 } }, '/byName/blue: Invalid key in record: Too big: expected string to have <=3 characters'],
  [{ own: [true] }, '/own/0: Names of people., or Invalid input: expected number, received boolean'],
])('%j is refused with the allowed values', (input, message) => {
  expect(errorsOf(input)).toEqual([message]);
});

test('a list of many allowed values is short, and says how many it leaves out', () => {
  const [ofEnum, ofUnion] = errorsOf({ many: 'x', manyOr: 'x' })!;
  expect(ofEnum).toMatch(/^\/many: Invalid option: expected one of "value-0"\|"value-1"\|.*…$/);
  expect(ofUnion).toMatch(
    /^\/manyOr: Invalid input: expected one of "value-0"\|"value-1"\|.* and \d+ more, received string$/,
  );
  expect(Math.max(ofEnum!.length, ofUnion!.length)).toBeLessThan(1100);
});

test('neither a huge value nor a huge name makes the error long', () => {
  const huge = '\u{1f600}/'.repeat(300_000);
  const many = Array.from({ length: 1000 }, () => huge);
  for (const input of [
    { colours: [huge] },
    { paint: huge },
    { paint: many },
    { pay: { type: huge } },
    { text: { [huge]: huge } },
    { [huge]: 1 },
    { where: { [huge]: 1 } },
    { byName: { [huge]: 1 } },
  ]) {
    const {
      options: { errors },
      message,
    } = problemOf(input);
    expect(errors!.length).toBeLessThanOrEqual(50);
    for (const error of errors!) {
      expect(error.pointer.length).toBeLessThanOrEqual(1001);
      expect(error.message.length).toBeLessThanOrEqual(1001);
      expect(error.pointer.isWellFormed()).toBe(true);
    }
    expect(message.length).toBeLessThanOrEqual(2010);
  }
});

test.each(['constructor', 'toString', 'hasOwnProperty'])('an unknown field named %s is an unknown field', (name) => {
  expect(errorsOf({ [name]: 1 })).toEqual([`/${name}: Unknown field`]);
});

test('seventy thousand unknown fields cost little', () => {
  const many = Object.fromEntries(Array.from({ length: 70_000 }, (_, n) => [`key${n}`, 1]));
  const { error } = safeParse(schema, { where: many, pay: many, ...many });
  const before = process.cpuUsage();
  expect(invalidInput(schema, error!.issues).options.errors).toHaveLength(50);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(100);
});
