// Words of intents and names of documents that every object has, too: `constructor`, `valueOf` … They are words like any other.
import { afterAll, expect, it } from 'vitest';
import { closeRuns, planOf } from './testing/runs.ts';
import { tracker } from './testing/services.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const names = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__');

it.each(names)('finds nothing beside an operation %s that does not fit, and breaks at nothing', async (name) => {
  const odd = service('odd', 'Odd', [
    { call: 'GET /things', name, title: name, query: { [name]: 'string' }, answer: { [name]: [{ [name]: 'string' }] } },
  ]);
  expect(await planOf(odd, 'Add a thing')).toMatchObject({ kind: 'none' });
  expect(await planOf(odd, name.toLowerCase())).toBeDefined();
});

it.each(names)('reads an intent that says %s', async (name) => {
  const draft = await planOf(
    tracker,
    `Which issues are assigned to Priya Raman? Mind the ${name} and ${name.toLowerCase()}s.`,
  );
  expect(draft).toBeDefined();
});

it.each(['constructor', 'hasOwnProperty', 'isPrototypeOf', 'toString', 'valueOf'])(
  'fills an argument in %s, and changes nothing that every object has',
  async (name) => {
    const body = { [`${name}!`]: { 'title!': 'string', 'city!': 'string' } };
    const odd = service('odd', 'Odd', [
      { call: 'POST /accounts', name: 'createAccount', title: 'Create an account', body },
    ]);
    const draft = await planOf(odd, 'Create an account', { context: 'title=Globex; city=Berlin' });
    const steps = draft.kind === 'plan' ? draft.plan.steps : draft;
    expect(JSON.stringify(steps)).toContain(`"args":{"body":{"${name}":{`);
    const own = Object.getOwnPropertyNames({}[name as keyof object]);
    for (const argument of ['title', 'city']) expect(own).not.toContain(argument);
  },
);
