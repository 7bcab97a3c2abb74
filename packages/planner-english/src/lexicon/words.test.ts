import { describe, expect, it } from 'vitest';
import { best, distinct, inLexicon, isSame, likeness, overlap, sameState, term, terms, words } from './words.ts';

const list = (text: string) => text.split(', ').map(term);

describe('words', () => {
  it.each<[string, string[]]>([
    ['accountId', ['account', 'id']],
    ['account_id', ['account', 'id']],
    ['Account ID', ['account', 'id']],
    ['HTTPServer', ['http', 'server']],
    ['e-mail address', ['email', 'address']],
    ['e-mails of Ana', ['emails', 'of', 'ana']],
    ["Ana's orders", ['ana', 'orders']],
    ["we'll see", ['we', 'see']],
    ['café-bar', ['café', 'bar']],
    ['  ', []],
    ['v2Orders', ['v2', 'orders']],
    ['a/b', ['a', 'b']],
    ['60 kVA or 5 kWh', ['60', 'kva', 'or', '5', 'kwh']],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });
});

describe('terms', () => {
  it.each<[string, string[]]>([
    ['the team member of Ana', ['team member', 'ana']],
    ['sales orders', ['sales orders']],
    ['the phone number', ['phone number']],
    ['how many orders', ['how many', 'orders']],
    ['calendar events and meetings', ['calendar events', 'meetings']],
    ['due_date', ['due date']],
    ['web pages', ['web pages']],
    ['credit notes of the month', ['credit notes', 'month']],
    ['to do', ['to do']],
    ['start of the fiscal quarter', ['start', 'fiscal quarter']],
  ])('%s', (text, expected) => {
    expect(terms(text).map((one) => one.text)).toEqual(expected);
  });
});

describe('likeness', () => {
  it.each<[string, string, number]>([
    ['order', 'orders', 1],
    ['customer', 'client', 0.8],
    ['customer', 'account', 0.8],
    ['client', 'invoice', 0],
    ['director', 'direct', 0.8],
    ['phone number', 'telephone', 0.8],
    ['team member', 'staff', 0.8],
    ['sales order', 'order', 0.8],
    ['sales order', 'purchase', 0.8],
    ['phone number', 'number', 0.7],
    ['email address', 'address', 0.7],
    ['price', 'cost', 0.8],
    ['price', 'colour', 0],
    ['movie', 'film', 0.8],
    ['sales rep', 'owner', 0.8],
  ])('%s and %s', (one, other, expected) => {
    expect(likeness(term(one), term(other))).toBe(expected);
    expect(likeness(term(other), term(one))).toBe(expected);
  });

  it.each<[string, string, number]>([
    ['open', 'unpaid', 0.8],
    ['unpaid', 'outstanding', 0.8],
    ['paid', 'settled', 0.8],
    ['paid', 'unpaid', 0],
    ['customer', 'client', 0],
    ['done', 'completed', 0.8],
    ['cancelled', 'canceled', 0.8],
    ['late', 'overdue', 0.8],
    ['shipped', 'ship', 0.8],
    ['draft', 'sent', 0],
  ])('as states %s and %s', (one, other, expected) => {
    expect(sameState(term(one), term(other))).toBe(expected);
  });

  it.each<[string, string, number, boolean]>([
    ['order', 'invoice, orders', 1, true],
    ['order', 'invoice, purchase', 0.8, false],
    ['order', 'invoice, bill', 0, false],
    ['directed', 'director, film', 0.8, true],
  ])('%s among %s', (one, others, likest, isThere) => {
    expect(best(term(one), list(others))).toBe(likest);
    expect(list(others).some((other) => isSame(term(one), other))).toBe(isThere);
  });

  it.each<[string, string, number]>([
    ['total, price', 'price, name', 0.9],
    ['total, price', 'total, price', 1],
    ['owner', 'rep, name', 0.8],
    ['colour', 'price', 0],
  ])('how much of %s is found in %s', (wanted, offered, expected) => {
    expect(overlap(list(wanted), list(offered))).toBeCloseTo(expected, 2);
  });
});

it('nothing is wanted of nothing', () => {
  expect(overlap([], list('price'))).toBe(0);
});

it('a word is kept once, in whatever form it comes', () => {
  expect(distinct(list('orders, order, invoice')).map(({ text }) => text)).toEqual(['orders', 'invoice']);
});

it.each([
  ['orders', true],
  ['invoices', true],
  ['the', true],
  ['quarantine', false],
  ['frobnicate', false],
  ['people', true],
])('the lexicon has %s: %s', (word, expected) => {
  expect(inLexicon(word)).toBe(expected);
});
