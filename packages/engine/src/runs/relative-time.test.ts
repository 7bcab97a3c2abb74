import { expect, test } from 'vitest';
import { mayNameRelativeTime } from './relative-time.ts';

test.each([
  'Log a call with Contoso in 5 minutes',
  'Log a call with Contoso for tomorrow at 10:00',
  'Which deals closed last week?',
  'Sales of the past three months',
  'Tickets of today',
  'Revenue year to date',
  'Meetings on Friday',
  'Sales of March',
  'Sales of Q4',
  'Call at 3 pm',
  'What happened two days ago',
  'Tasks due within the next two weeks',
])('%s hangs on the moment', (text) => {
  expect(mayNameRelativeTime(text)).toBe(true);
});

test.each([
  'List the open tickets',
  'List all users',
  'Create a summary of sales for Q4 2023',
  'Focus on Q4 2023 data',
  'Which deals over 50000 does the account Northwind have, and who owns them?',
  'Invoices of March 2024',
  'Orders placed on 2024-03-05',
])('%s does not', (text) => {
  expect(mayNameRelativeTime(text)).toBe(false);
});
