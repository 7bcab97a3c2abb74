// The windows of `connect`. e2e/user-tokens/browser-client.test.ts connects accounts at a real service.
import { afterEach, expect, test, vi } from 'vitest';
import { countedTokens, json, refuse, startScriptedServer, type Turn } from '../testing/fixtures/scripted-server.ts';
import { createBrowserClient } from './browser-client.ts';

const before = { authorizeUrl: 'https://errand.example.com/v1/connect?token=1', active: false, updatedAt: '1' };
const after = { ...before, active: true, updatedAt: '2' };

afterEach(() => void vi.unstubAllGlobals());

/** A token with `connect` alone: the requests of runs are refused. */
async function start(...accounts: Turn[]) {
  const server = await startScriptedServer((response, request) => {
    if (request.url!.includes('/pending/')) refuse(403, 'insufficient_ability')(response, request);
    else (accounts.length > 1 ? accounts.shift()! : accounts[0]!)(response, request);
  });
  return createBrowserClient({ url: server.url, getToken: countedTokens().getToken });
}

test('a window is opened before anything is awaited, and cannot reach its opener', async () => {
  const window = { opener: 'the page' as unknown, location: { href: '' }, close: vi.fn() };
  const open = vi.fn(() => window);
  vi.stubGlobal('window', { open });
  const client = await start(json(200, before), json(200, before), json(200, after));
  const connecting = client.connect('crm');
  expect(open).toHaveBeenCalledOnce();
  expect(window.opener).toBeNull();
  await connecting;
  expect(window.location.href).toBe(before.authorizeUrl);
  expect(window.close).not.toHaveBeenCalled();
});

test('a blocked window is an error that says what to do', async () => {
  vi.stubGlobal('window', { open: () => null });
  const client = await start(json(200, before));
  await expect(client.connect('crm')).rejects.toMatchObject({
    name: 'ConnectFailed',
    reason: 'blocked',
    message: expect.stringContaining('in the handler of a click'),
  });
});

test('the empty window is closed when Errand gives no page', async () => {
  const window = { opener: null, location: { href: '' }, close: vi.fn() };
  vi.stubGlobal('window', { open: () => window });
  const client = await start(refuse(404, 'not_found'));
  await expect(client.connect('crm')).rejects.toMatchObject({ problem: { code: 'not_found' } });
  expect(window.close).toHaveBeenCalledOnce();
});
