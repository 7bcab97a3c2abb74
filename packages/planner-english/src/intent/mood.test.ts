// Whether a clause asks or commands, by its first words.
import { expect, it } from 'vitest';
import { isCommand, isQuestion, moodOf, withoutPolite } from './mood.ts';

const commands = (word: string) => word === 'release' || word === 'report';

it.each<[string, string, string | undefined]>([
  ['Which orders are late?', 'read', undefined],
  ['show the orders', 'read', 'show'],
  ['Please could you show me the orders', 'read', 'show'],
  ['Hi team, we would like to see the orders', 'read', undefined],
  ['Give me the orders', 'read', 'give'],
  ['Give the orders to Ana', 'update act', 'give'],
  ['Give it to Ana', 'update act', 'give'],
  ['Tell me the price', 'read', 'tell'],
  ['Tell Ana that it works', 'act', 'tell'],
  ['Open tickets of Ana', 'read', undefined],
  ['Open ticket 12', 'create', 'open'],
  ['Complete task 7', 'update act', 'complete'],
  ['Clear invoices', 'read', undefined],
  ['Call Ana', 'act', 'call'],
  ['Text Ana', 'act', 'text message'],
  ['Set up a meeting', 'create', 'set'],
  ['Put the order on hold', 'create update', 'put'],
  ['Look up the order', 'read', 'look'],
  ['Sum up the orders', 'read', 'sum'],
  ['Turn the lights off', 'update', 'turn'],
  ['Create an order', 'create', 'create'],
  ['Create a summary of the orders', 'read', 'create'],
  ['Write a report about the sales', 'read', 'write'],
  ['Write a note about the sales', 'create', 'write'],
  ['Generate a list of customers', 'read', 'generate'],
  ['Draft an invoice', 'create', 'draft'],
  ['Pull the figures of May', 'read', 'pull'],
  ['Release the lot', 'act', 'release'],
  ['Report a repair', 'read act', 'report'],
  ['Report the sales', 'read act', 'report'],
  ['Frobnicate the lot', 'act', 'frobnicate'],
  ['Frobnicate Ana', 'read', undefined],
  ['Orders of Ana', 'read', undefined],
  ['Late orders', 'read', undefined],
  ['Cancel order 5', 'delete act', 'cancel'],
  ["Let's cancel order 5", 'delete act', 'cancel'],
  ['Go ahead and cancel order 5', 'delete act', 'cancel'],
  ['Make sure to cancel order 5', 'delete act', 'cancel'],
  ['I need you to cancel order 5', 'delete act', 'cancel'],
  ['I want the orders', 'read', undefined],
  ['Can you cancel order 5', 'delete act', 'cancel'],
  ['Is order 5 late', 'read', undefined],
  ['Remind Ana of it', 'create act', 'remind'],
  ['Pay invoice 7', 'act', 'pay'],
  ['Refund order 5', 'act', 'refund'],
  ['Archive the project', 'act', 'archive'],
  ['Move order 5 to Friday', 'update', 'move'],
  ['Rename the project', 'update', 'rename'],
  ['Book a room', 'create', 'book'],
  ['At what time is it', 'read', undefined],
  ['With whom is it', 'read', undefined],
])('%s: %s by %s', (text, moods, verb) => {
  const read = moodOf(withoutPolite(text), commands);
  expect([read.moods.join(' '), read.verb?.text]).toEqual([moods, verb]);
});

it.each([
  ['Which orders are late', true],
  ['please, who owns it?', true],
  ['Hello there, is it late?', true],
  ['Any news', true],
  ['Show who owns it', false],
  ['On which day is it', true],
  ["What's late", true],
])('%s is a question: %s', (text, expected) => {
  expect(isQuestion(text)).toBe(expected);
});

it.each([
  ['Please cancel it', true],
  ['show it', false],
  ['release it', true],
  ['late orders', false],
  ['make sure to send it', true],
  ['then close it', true],
])('%s is a command: %s', (text, expected) => {
  expect(isCommand(text, commands)).toBe(expected);
});
