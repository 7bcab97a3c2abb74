// One thing that is changed: what is sent for a property of its type and its words. Nothing where it would be a guess.
import type { Json } from '@errand/contracts';
import { afterAll, expect, it } from 'vitest';
import { closeRuns, computed, planOf } from '../../testing/runs.ts';
import { service } from '../../testing/tools.ts';

afterAll(closeRuns);

it.each<[string, string, string, unknown]>([
  ['price', 'number: Price in euros.', 'Set the price of thing th_1 to 20 euros', 20],
  ['price', 'number: Price in euros.', 'Set the price of thing th_1 to 20 dollars', undefined],
  ['price', 'integer: Price in cents.', 'Set the price of thing th_1 to 20 euros', 2000],
  ['price', 'integer: Price in cents.', 'Set the price of thing th_1 to 20', undefined],
  ['price', 'number', 'Set the price of thing th_1 to 1.234.567', 1234567],
  ['price', 'number', 'Lower the price of thing th_1 by 20', undefined],
  ['weight', 'number: Weight in kg.', 'Set the weight of thing th_1 to 1500 g', 1.5],
  ['weight', 'number: Weight in kg.', 'Set the weight of thing th_1 to 3 metres', undefined],
  ['weight_kg', 'number', 'Set the weight of thing th_1 to 12.5 kg', 12.5],
  ['quantity', 'integer', 'Set the quantity of thing th_1 to 5', 5],
  ['quantity', 'integer', 'Set the quantity of thing th_1 to 5.5', undefined],
  ['minutes', 'integer', 'Set the duration of thing th_1 to 2 hours', 120],
  ['duration', 'integer: In seconds.', 'Set the duration of thing th_1 to 2 hours', 7200],
  ['duration', 'number: In hours.', 'Set the duration of thing th_1 to 90 minutes', 1.5],
  ['website', 'uri', 'Set the website of thing th_1 to https://a.example/x', 'https://a.example/x'],
  ['homepage', 'string', 'Set the homepage of thing th_1 to https://a.example/x', 'https://a.example/x'],
  ['phone', 'string', 'Set the phone of thing th_1 to 0151 555 0199', '0151 555 0199'],
  ['contact', 'string: Phone number.', 'Set the contact of thing th_1 to 0151 555 0199', '0151 555 0199'],
  ['email', 'email', 'Set the email of thing th_1 to ana@a.example', 'ana@a.example'],
  ['email', 'email', 'Set the email of thing th_1 to Ana Berg', undefined],
  ['name', 'string', 'Rename thing th_1 to Apollo', 'Apollo'],
  ['title', 'string', 'Set the title of thing th_1 to "New one"', 'New one'],
  ['note', 'string', 'Set the note of thing th_1 to "Handle with care"', 'Handle with care'],
  ['status', 'open|closed', 'Close thing th_1', 'closed'],
  ['status', 'open|closed', 'Set thing th_1 to closed', 'closed'],
  ['status', 'open|closed', 'Set the status of thing th_1 to lost', undefined],
  ['archived', 'boolean', 'Mark thing th_1 as not archived', false],
  ['priority', 'integer: 1 = urgent, 2 = normal', 'Set the priority of thing th_1 to urgent', 1],
  ['year', 'integer', 'Set the year of thing th_1 to 2027', 2027],
  ['due_on', 'date', 'Set the due date of thing th_1 to 3 December', '2026-12-03'],
  ['due_on', 'date', 'Set the due date of thing th_1 to 31 February', undefined],
  ['due_on', 'date', 'Move thing th_1 to Friday', '2026-11-27'],
  ['due_on', 'date', 'Move thing th_1 to Friday at 15:00', undefined],
  ['starts_at', 'time', 'Move thing th_1 to Friday at 15:00', '2026-11-27T15:00:00Z'],
  ['starts_at', 'time', 'Move thing th_1 to 2026-12-03T14:00', '2026-12-03T14:00:00Z'],
  ['starts_at', 'time', 'Move thing th_1 to tomorrow at 10:00 -03:30', '2026-11-26T13:30:00Z'],
])('%s, %s: %s', async (name, short, intent, expected) => {
  const call = 'PATCH /things/{thingId}';
  const sketch = { call, name: 'updateThing', title: 'Update a thing', body: { [name]: short } };
  const draft = await planOf(service('x', 'X', [{ ...sketch, answer: { id: 'string' } }]), intent);
  const args = draft.kind === 'plan' ? await computed(draft.plan.steps.at(-1)!.args as Json) : undefined;
  expect(args).toEqual(expected === undefined ? undefined : { path: { thingId: 'th_1' }, body: { [name]: expected } });
});
