// The windows of `connect`. e2e/user-tokens/browser-client.test.ts connects accounts at a real service.
import { afterEach, expect, test, vi } from 'vitest';
import { countedTokens, json, refuse, startScriptedServer, type Turn } from '../testing/fixtures/scripted-server.ts';
import { createBrowserClient } from './browser-client.ts';
import { isClosedByPerson } from './closed-window.ts';

const before = { authorizeUrl: 'https://errand.example.com/v1/connect?token=1', active: false, updatedAt: '1' };
const after = { ...before, active: true, updatedAt: '2' };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A token with `connect` alone: the requests of runs are refused. */
async function start(...accounts: Turn[]) {
  const server = await startScriptedServer((response, request) => {
    if (request.url!.includes('/pending/')) refuse(403, 'insufficient_ability')(response, request);
    else (accounts.length > 1 ? accounts.shift()! : accounts[0]!)(response, request);
  });
  return createBrowserClient({ url: server.url, getToken: countedTokens().getToken });
}

test('a window is opened before anything is awaited, and cannot reach its opener', async () => {
  const window = { closed: false, opener: 'the page' as unknown, location: { href: '' }, close: vi.fn() };
  vi.stubGlobal('document', { visibilityState: 'visible', hasFocus: () => true });
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
  const window = { closed: false, opener: null, location: { href: '' }, close: vi.fn() };
  vi.stubGlobal('window', { open: () => window });
  const client = await start(refuse(404, 'not_found'));
  await expect(client.connect('crm')).rejects.toMatchObject({ problem: { code: 'not_found' } });
  expect(window.close).toHaveBeenCalledOnce();
});

test('a window that is closed before Errand gives a page is an error at once', async () => {
  const window = { closed: true, opener: null, location: { href: '' }, close: vi.fn() };
  vi.stubGlobal('window', { open: () => window });
  const client = await start(json(200, before));
  await expect(client.connect('crm')).rejects.toMatchObject({
    reason: 'closed',
    message: expect.stringContaining('The user closed the window'),
  });
});

/** Where the window and the person are from a time on, in ms. */
type Scene = [atMs: number, window: 'open' | 'closed', person: 'here' | 'away'];

async function outcomeOf(scenes: Scene[], signal = new AbortController().signal): Promise<boolean> {
  vi.useFakeTimers();
  const start = Date.now();
  const scene = () => scenes.findLast(([atMs]) => atMs <= Date.now() - start)!;
  vi.stubGlobal('document', { visibilityState: 'visible', hasFocus: () => scene()[2] === 'here' });
  const opened = {
    get closed() {
      return scene()[1] === 'closed';
    },
  };
  const outcome = isClosedByPerson(opened, signal);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(vi.getTimerCount()).toBe(0);
  return outcome;
}

test.each<[string, Scene[], boolean]>([
  [
    'closed, and the person comes back',
    [
      [0, 'open', 'away'],
      [20_100, 'closed', 'here'],
    ],
    true,
  ],
  [
    'the person comes back, and the window closes a moment later',
    [
      [0, 'open', 'away'],
      [9900, 'open', 'here'],
      [10_700, 'closed', 'here'],
    ],
    true,
  ],
  [
    'closed, and the person comes back a moment later',
    [
      [0, 'open', 'away'],
      [9900, 'closed', 'away'],
      [10_100, 'closed', 'here'],
    ],
    true,
  ],
  [
    'isolated at once',
    [
      [0, 'closed', 'away'],
      [20_000, 'closed', 'here'],
    ],
    false,
  ],
  [
    'isolated later, and the person comes back later still',
    [
      [0, 'open', 'away'],
      [9900, 'closed', 'away'],
      [13_000, 'closed', 'here'],
    ],
    false,
  ],
  [
    'isolated while the person is at the page',
    [
      [0, 'open', 'away'],
      [5000, 'open', 'here'],
      [9900, 'closed', 'here'],
    ],
    false,
  ],
  [
    'the person looks at the page for a moment while the window is isolated',
    [
      [0, 'open', 'away'],
      [9900, 'closed', 'here'],
      [12_000, 'closed', 'away'],
      [30_000, 'closed', 'here'],
    ],
    false,
  ],
])('%s', async (_, scenes, isClosed) => {
  expect(await outcomeOf(scenes)).toBe(isClosed);
});

test('the window is not looked at any more once the signal aborts', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { visibilityState: 'hidden', hasFocus: () => false });
  const over = new AbortController();
  const outcome = isClosedByPerson({ closed: false }, over.signal);
  await vi.advanceTimersByTimeAsync(3000);
  expect(vi.getTimerCount()).toBe(1);
  over.abort();
  expect(await outcome).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
