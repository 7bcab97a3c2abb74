import { RecentUse } from '@errand/basics/recent-use';
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

/** A queue of readings that use processor time when the test says so, by a clock of the test. */
function readings(maxConverting: number) {
  const clock = { ms: 0 };
  const queue = new ImportQueue({ ...options, maxConverting }, new RecentUse(() => clock.ms));
  const begun: string[] = [];
  const running = new Map<string, { onUsed: (ms: number) => void; end: () => void }>();
  const settle = () => new Promise((done) => setImmediate(done));
  const read = (workspaceId: string, name: string, signal?: AbortSignal) => {
    const reading = queue.run(workspaceId, signal, ({ inTurn }) =>
      inTurn((turn) => {
        begun.push(name);
        return new Promise<string>((end, reject) => {
          running.set(name, { onUsed: turn.onUsed, end: () => end(name) });
          turn.signal.addEventListener('abort', () => reject(turn.signal.reason));
        });
      }),
    );
    reading.catch(() => {});
    return reading;
  };
  const use = async (name: string, ms: number) => {
    running.get(name)!.onUsed(ms);
    await settle();
  };
  const end = async (name: string) => {
    running.get(name)!.end();
    await settle();
  };
  return { clock, begun, read, use, end, settle };
}

test('the workspace that used the least processor time recently is next', async () => {
  const { clock, begun, read, use, end, settle } = readings(1);
  const all = [read('a', 'a1'), read('a', 'a2'), read('a', 'a3'), read('b', 'b1')];
  await settle();
  await use('a1', 800);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1']);
  await use('b1', 500);
  clock.ms += 60_000;
  all.push(read('b', 'b2'));
  await use('b1', 100);
  await end('b1');
  // 200 ms of 800 count after two half-lives, and 225 ms of 600.
  expect(begun).toEqual(['a1', 'b1', 'a2']);
  await use('a2', 100);
  for (const name of ['a2', 'b2', 'a3']) await end(name);
  expect(begun).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  await Promise.all(all);
});

test('a workspace that uses much has every process while it is alone, and gives back all but its share', async () => {
  const { begun, read, use, end, settle } = readings(2);
  const heavy = [read('a', 'a1'), read('a', 'a2'), read('a', 'a3')];
  await settle();
  await use('a1', 20_000);
  await use('a2', 20_000);
  expect(begun).toEqual(['a1', 'a2']);
  const small = [read('b', 'b1'), read('b', 'b2')];
  await settle();
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  await use('b1', 300);
  await end('b1');
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2']);
  await end('b2');
  // The reading that was stopped begins again before the later one.
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'a2']);
  for (const name of ['a1', 'a2', 'a3']) await end(name);
  expect(await Promise.all([...heavy, ...small])).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
});

test('no reading is stopped before its workspace has used much, and none for a workspace that has its share', async () => {
  const { begun, read, use, end, settle } = readings(2);
  const all = [read('a', 'a1'), read('a', 'a2'), read('b', 'b1'), read('b', 'b2')];
  await settle();
  await use('a1', 900);
  expect(begun).toEqual(['a1', 'a2']);
  await use('a2', 200);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  await use('a1', 20_000);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  for (const name of ['b1', 'b2', 'a1', 'a2']) await end(name);
  await Promise.all(all);
});

test('a caller who leaves while its reading is stopped gives up its turn', async () => {
  const { begun, read, use, end, settle } = readings(2);
  const leaving = new AbortController();
  const staying = [read('a', 'a1')];
  await settle();
  const left = read('a', 'a2', leaving.signal);
  await settle();
  await use('a1', 2000);
  staying.push(read('b', 'b1'));
  await settle();
  leaving.abort();
  await expect(left).rejects.toThrow('aborted');
  await end('b1');
  await end('a1');
  await Promise.all(staying);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
});

test('one workspace does not have all large imports', async () => {
  const queue = new ImportQueue({ ...options, maxLarge: 3 });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const settle = () => new Promise((done) => setImmediate(done));
  const enter = (workspaceId: string) =>
    queue.run(workspaceId, undefined, ({ large }) =>
      large(async () => {
        begun.push(workspaceId);
        await new Promise<void>((end) => ends.push(end));
      }),
    );
  const all = [enter('a'), enter('a'), enter('a'), enter('b')];
  await settle();
  expect(begun).toEqual(['a', 'a', 'b']);
  for (let i = 0; i < 4; i++) {
    ends.shift()?.();
    await settle();
  }
  await Promise.all(all);
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
