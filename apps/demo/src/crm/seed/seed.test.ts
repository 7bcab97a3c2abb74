import { expect, it } from 'vitest';
import { seedData } from './seed.ts';

const data = seedData();
const exact = (amount: number) => Number(amount.toFixed(2)) === amount;
const northwind = data.accounts.filter(({ name }) => name.includes('Northwind'));
const its = data.deals.filter(({ accountId }) => accountId === northwind[0]?.id);

it('is the same each time, and nobody else’s', () => {
  const [first, second] = [seedData(), seedData()];
  expect(first).toEqual(second);
  first.accounts.length = 0;
  expect(second.accounts.length).toBeGreaterThan(40);
});

it('has one Northwind, and others that look like it', () => {
  expect(northwind.map(({ name }) => name)).toEqual(['Northwind Traders']);
  expect(data.accounts.filter(({ name }) => /^North ?w/i.test(name)).length).toBeGreaterThan(1);
});

it('gives Northwind deals on both sides of 50000, with several owners', () => {
  const large = its.filter(({ amount }) => amount > 50_000);
  expect(large.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual([50_000.01, 84_500.25, 126_750.5]);
  expect(new Set(large.map(({ ownerId }) => ownerId)).size).toBe(3);
  expect(its.some(({ amount }) => amount < 50_000)).toBe(true);
});

it('has sales of each quarter of several years, filed under the quarter of their date', () => {
  const quarters = new Set(data.sales.map(({ year, quarter }) => `${quarter} ${year}`));
  expect(quarters.size).toBe(16);
  const misfiled = data.sales.filter(({ date, year, quarter }) => {
    const month = Number(date.slice(5, 7));
    return Number(date.slice(0, 4)) !== year || quarter !== `Q${Math.ceil(month / 3)}`;
  });
  expect(misfiled).toEqual([]);
});

it('has amounts that are exact to the cent', () => {
  expect([...data.sales, ...data.deals].filter(({ amount }) => !exact(amount))).toEqual([]);
});

it('refers only to rows that exist', () => {
  const ids = new Set([...data.accounts, ...data.users, ...data.products].map(({ id }) => id));
  const references = [
    ...data.accounts.map(({ ownerId }) => ownerId),
    ...data.contacts.map(({ accountId }) => accountId),
    ...data.deals.flatMap(({ accountId, ownerId }) => [accountId, ownerId]),
    ...data.sales.flatMap(({ accountId, productId }) => [accountId, productId]),
    ...data.activities.flatMap(({ accountId, ownerId }) => [accountId, ownerId]),
    ...data.tickets.map(({ accountId }) => accountId),
  ];
  expect(references.filter((id) => !ids.has(id))).toEqual([]);
});
