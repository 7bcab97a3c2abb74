// MCP servers whose users consent: registered by their address alone.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { consent } from '../fixtures/calendar.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest, transports } from '../fixtures/transports.ts';
import { type NotesServer, startNotesServer } from './notes-server.ts';

let notes: NotesServer;
let stack: Stack;
let api: Api;
beforeAll(async () => {
  notes = await startNotesServer();
  stack = await startStack({ seed: false, allow: [notes.stub.origin, notes.authorization.url] });
  api = overRest(stack);
});
afterAll(async () => {
  await stack.close();
  await notes.close();
});
beforeEach(() => notes.behave());

type New = Parameters<Api['integrations']['create']>[0];
const register = (more: Partial<New> = {}, over = api) =>
  over.integrations.create({ name: 'Notes', kind: 'mcp', url: notes.stub.url, ...more });
let users = 0;
const newUser = () => `user-${++users}`;
const linkFor = async (customerIntegrationId: string, userId: string) =>
  (await api.integrations.authUrl({ customerIntegrationId, userId })).authorizeUrl;
const connect = async (id: string, userId: string) => {
  const end = await consent(new Browser(), await linkFor(id, userId));
  expect(end.url.search).toBe('?status=success');
};
const toolsRead = (customerIntegrationId: string) =>
  expect
    .poll(async () => (await api.integrations.get({ customerIntegrationId })).toolCount, { timeout: 10_000 })
    .toBe(2);
const callOf = (id: string, userId: string, tool = 'add_note', args: object = { text: 'Milk' }) =>
  carryOut(
    api,
    aRun({
      userId,
      plan: aPlan(`${id}.${tool}`, {
        steps: [{ id: 'only', tool: `${id}.${tool}`, args: args as never }],
        result: { $: 'steps.only.output' },
      }),
    }),
  );

describe.each(transports)('over %s', (_, over) => {
  test('an address alone is enough: a user consents, the tools are read with that consent, and a run calls one', async () => {
    const made = await register({}, over(stack));
    const { customerIntegrationId: id } = made;
    expect(made).toMatchObject({
      authType: 'OAUTH2',
      toolCount: 0,
      warnings: ['Its tools are read once a user has connected.'],
    });
    const user = newUser();
    await connect(id, user);
    await toolsRead(id);
    expect(await over(stack).integrations.get({ customerIntegrationId: id })).toMatchObject({
      toolsUserId: user,
      needsReview: true,
      warnings: [],
    });
    await over(stack).integrations.setTools({ customerIntegrationId: id, enabled: 'all' });
    const { run } = await callOf(id, user);
    expect(run).toMatchObject({ status: 'SUCCESS', result: { id: 'note-1' } });
    expect(notes.calls).toEqual([{ tool: 'add_note', user: 'ada', scopes: ['notes.read'] }]);
  });
});
