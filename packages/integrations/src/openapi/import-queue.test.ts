import { expect, test } from 'vitest';
import { ImportQueue } from './import-queue.ts';

const options = { maxConverting: 2, maxLarge: 1, maxWaiting: 4, maxWaitingPerWorkspace: 2, maxHeldBytes: 10 };

/** A queue, and work in it that lasts until `endOne`. */
function aQueue(overrides: Partial<typeof options> = {}) {
  const queue = new ImportQueue({ ...options, ...overrides });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (workspaceId: string, name = workspaceId, signal?: AbortSignal) =>
    queue.run(workspaceId, signal, ({ inTurn }) =>
      inTurn(async () => {
        begun.push(name);
        await new Promise<void>((end) => ends.push(end));
        return name;
      }),
    );
  const settle = () => new Promise((done) => setImmediate(done));
  const endOne = async () => {
    ends.shift()?.();
    await settle();
  };
  return { begun, enter, endOne, settle };
}

const refused = { code: 'too_many_imports', options: { headers: { 'retry-after': expect.stringMatching(/^\d+$/) } } };

test('no more than two are converted at once, and workspaces that wait take turns', async () => {
  const { begun, enter, endOne, settle } = aQueue();
  const all = [enter('a', 'a1'), enter('a', 'a2'), enter('a', 'a3'), enter('a', 'a4'), enter('b', 'b1')];
  await settle();
  expect(begun).toEqual(['a1', 'a2']);
  await endOne();
  expect(begun).toEqual(['a1', 'a2', 'a3']);
  await endOne();
  expect(begun).toEqual(['a1', 'a2', 'a3', 'b1']);
  for (let i = 0; i < 3; i++) await endOne();
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1']);
});

test('one workspace cannot fill the queue, and all together cannot exceed it', async () => {
  const { enter, endOne, settle } = aQueue();
  const mine = ['1', '2', '3', '4'].map((name) => enter('a', name));
  await expect(enter('a')).rejects.toMatchObject(refused);
  const others = [enter('b'), enter('c')];
  await expect(enter('d')).rejects.toMatchObject(refused);
  await settle();
  for (let i = 0; i < 6; i++) await endOne();
  await Promise.all([...mine, ...others]);
  const again = enter('a', 'again');
  await settle();
  await endOne();
  expect(await again).toBe('again');
});

test('a caller who leaves gives up its slot and its turn', async () => {
  const { begun, enter, endOne, settle } = aQueue();
  const running = [enter('a', '1'), enter('a', '2')];
  const leaving = new AbortController();
  const entries = [enter('a', '3', leaving.signal), enter('a', '4', leaving.signal)].map((entry) =>
    entry.catch((error: Error) => error.name),
  );
  await expect(enter('a')).rejects.toMatchObject(refused);
  leaving.abort();
  expect(await Promise.all(entries)).toEqual(['AbortError', 'AbortError']);
  const last = enter('a', '5');
  await settle();
  for (let i = 0; i < 3; i++) await endOne();
  await Promise.all([...running, last]);
  expect(begun).toEqual(['1', '2', '5']);
});

test('while much of what was converted is held, nothing more is', async () => {
  const queue = new ImportQueue(options);
  const begun: string[] = [];
  let store = () => {};
  const first = queue.run('a', undefined, async ({ inTurn, hold }) => {
    await inTurn(async () => hold(11));
    await new Promise<void>((done) => (store = done));
  });
  await new Promise((done) => setImmediate(done));
  const second = queue.run('b', undefined, ({ inTurn }) => inTurn(async () => void begun.push('b')));
  await new Promise((done) => setImmediate(done));
  expect(begun).toEqual([]);
  store();
  await Promise.all([first, second]);
  expect(begun).toEqual(['b']);
});

test('work that fails leaves no trace', async () => {
  const queue = new ImportQueue({
    maxConverting: 1,
    maxLarge: 1,
    maxWaiting: 0,
    maxWaitingPerWorkspace: 0,
    maxHeldBytes: 0,
  });
  for (let i = 0; i < 3; i++) {
    const broken = queue.run('a', undefined, ({ inTurn }) => inTurn(() => Promise.reject(new Error('broken'))));
    await expect(broken).rejects.toThrow('broken');
  }
});

test('few large imports are in memory, workspaces take turns, and small ones do not wait for them', async () => {
  const queue = new ImportQueue(options);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const settle = () => new Promise((done) => setImmediate(done));
  const enter = (workspaceId: string, name: string) =>
    queue.run(workspaceId, undefined, ({ large }) =>
      large(async () => {
        begun.push(name);
        await new Promise<void>((end) => ends.push(end));
      }),
    );
  const all = [enter('a', 'a1'), enter('a', 'a2'), enter('b', 'b1')];
  await settle();
  expect(begun).toEqual(['a1']);
  expect(await queue.run('c', undefined, ({ inTurn }) => inTurn(async () => 'small'))).toBe('small');
  for (let i = 0; i < 3; i++) {
    ends.shift()?.();
    await settle();
  }
  await Promise.all(all);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
});
