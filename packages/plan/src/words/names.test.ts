import { expect, test } from 'vitest';
import { Names } from './names.ts';

const learned = (...outputs: unknown[]): Names => {
  const names = new Names();
  for (const output of outputs) names.learn(JSON.stringify(output));
  return names;
};

test.each<[what: string, output: unknown, id: string | number, name: string | undefined]>([
  ['a name', { items: [{ id: 'acc_000001', name: 'Northwind' }] }, 'acc_000001', 'Northwind'],
  ['first and last name', { id: 'con_000001', firstName: 'Ada', lastName: 'Byron' }, 'con_000001', 'Ada Byron'],
  ['a title', [{ deep: { key: 'ENG-1042', title: 'Lift stuck' } }], 'ENG-1042', 'Lift stuck'],
  ['the name beside an id', { deals: [{ ownerId: 'usr_000001', ownerName: 'Ada' }] }, 'usr_000001', 'Ada'],
  ['a number', { id: 7, name: 'Seven' }, 7, 'Seven'],
  ['nothing, for an id that nobody found', { id: 'acc_000001', name: 'Northwind' }, 'acc_000002', undefined],
  ['nothing, for a thing without a name', { id: 'acc_000001', amount: 3 }, 'acc_000001', undefined],
  ['one line, without what hides', { id: 'acc_000001', name: 'North\n\u202ewind' }, 'acc_000001', 'North wind'],
])('a thing is called by %s', (_, output, id, name) => {
  expect(learned(output).of(id, true)).toBe(name);
});

test('an id that has two names has none: which one is meant is not known', () => {
  expect(learned({ id: 1, name: 'A' }, { id: 1, name: 'B' }).of(1, true)).toBeUndefined();
});

test('a short value that may be equal to an id by chance has no name unless it is known to be an id', () => {
  const names = learned({ id: 3, name: 'Contoso' }, { id: 'high', name: 'High street' });
  expect([names.of(3), names.of('high'), names.of(3, true)]).toEqual([undefined, undefined, 'Contoso']);
});

test('names of methods of objects are no names', () => {
  expect(learned({ id: 'constructor', name: 'x' }).of('toString', true)).toBeUndefined();
});

test('a search for names ends after twenty thousand values, whatever contains them', () => {
  const thing = { id: 'acc_000001', name: 'Northwind' };
  const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
  expect(learned({ ...members(100), thing }).of('acc_000001', true)).toBe('Northwind');
  expect(learned({ ...members(20_000), thing }).of('acc_000001', true)).toBeUndefined();
});

test('a name is one of the first thousand members', () => {
  const thing = { ...Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, n])), id: 'a', name: 'A' };
  expect(learned(thing).of('a', true)).toBeUndefined();
});
