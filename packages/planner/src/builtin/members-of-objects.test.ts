// Words of intents and names of documents that every object has, too: `constructor`, `valueOf` … They are words like any other.
import { expect, it } from 'vitest';
import { createBuiltinPlanner } from './builtin-planner.ts';
import { tracker } from './testing/services.ts';
import { service } from './testing/tools.ts';

const names = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__');

const plan = (tools: typeof tracker, intent: string, context = '') =>
  createBuiltinPlanner().plan({
    intent,
    context,
    userId: 'user-1',
    now: '2024-05-15T09:00:00.000Z',
    tools,
    instructions: [],
    signal: new AbortController().signal,
    check: async () => [],
  });

it.each(names)('finds nothing beside an operation %s that does not fit, and breaks at nothing', async (name) => {
  const odd = service('odd', 'Odd', [
    { call: 'GET /things', name, title: name, query: { [name]: 'string' }, answer: { [name]: [{ [name]: 'string' }] } },
  ]);
  expect(await plan(odd, 'Add a thing')).toMatchObject({ kind: 'none' });
  expect(await plan(odd, name.toLowerCase())).toBeDefined();
});

it.each(names)('reads an intent that says %s', async (name) => {
  const draft = await plan(
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
    const draft = await plan(odd, 'Create an account', 'title=Globex; city=Berlin');
    const steps = draft.kind === 'plan' ? draft.plan.steps : draft;
    expect(JSON.stringify(steps)).toContain(`"args":{"body":{"${name}":{`);
    const own = Object.getOwnPropertyNames({}[name as keyof object]);
    for (const argument of ['title', 'city']) expect(own).not.toContain(argument);
  },
);
