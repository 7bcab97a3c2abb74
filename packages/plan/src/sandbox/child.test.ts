// The processes of a sandbox, as the system sees them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { childrenOf, isAlive, processorMs } from '../testing/processes.ts';
import { createSandbox } from './sandbox.ts';

// Starts of processes take seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
afterAll(() => vi.resetConfig());

const ENDLESS = '$distinct([1..200000])';

/** A sandbox with one child that is ready, and the pid of that child. */
async function aSandbox() {
  const others = childrenOf(process.pid);
  const sandbox = createSandbox({ children: 1, timeoutMs: 20_000 });
  onTestFinished(() => sandbox.close());
  const answer = () => sandbox.evaluate(['$sum([1, 1])'], {});
  expect(await answer()).toMatchObject([{ value: 2 }]);
  const [pid] = childrenOf(process.pid).filter((child) => !others.includes(child)) as [number];
  return { sandbox, pid, answer };
}

/** A program that evaluates an expression, prints the result, and goes on; it does not close its sandbox. */
async function aProgram(expression: string, extra: readonly (number | 'ignore')[] = []): Promise<ChildProcess> {
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const source = `
    const { createSandbox } = await import(${JSON.stringify(index)});
    const sandbox = createSandbox({ children: 1, timeoutMs: 60_000 });
    console.log(JSON.stringify(await sandbox.evaluate(['$sum([1, 1])'], {})));
    await sandbox.evaluate([${JSON.stringify(expression)}], {});`;
  const program = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit', ...extra],
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  await once(program.stdout!, 'data');
  return program;
}

async function busyChildOf(program: ChildProcess): Promise<number> {
  const [child] = childrenOf(program.pid!) as [number];
  const before = processorMs(child)!;
  await expect.poll(() => processorMs(child)! - before, { timeout: 60_000, interval: 5 }).toBeGreaterThan(50);
  return child;
}

/** The files and pipes of a process's descriptors, without descriptors that it closes meanwhile. */
const descriptors = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });

test('a child has no descriptor of its parent, and no environment', async () => {
  const file = openSync('/proc/version', 'r');
  const { pid } = await aSandbox();
  expect(readlinkSync(`/proc/self/fd/${file}`)).toBe('/proc/version');
  const ofChild = descriptors(pid).filter((name) => !name.startsWith('anon_inode:') && name !== '/dev/null');
  const ofParent = descriptors(process.pid);
  expect(ofChild.filter((name) => ofParent.includes(name))).toEqual([]);
  // The rest are pipes and a queue that Node makes for itself.
  expect(ofChild.filter((name) => !name.startsWith('pipe:'))).toEqual([expect.stringMatching(/^socket:/)]);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('');
  expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
});

test('inherited descriptors of the service do not reach a child either', async () => {
  // Their numbers have a gap: Node marks only those before it.
  const files = Array.from({ length: 40 }, (_, n) =>
    n < 10 || n > 30 ? openSync('/proc/version', 'r') : ('ignore' as const),
  );
  const program = await aProgram(ENDLESS, files);
  expect(descriptors(program.pid!)).toContain('/proc/version');
  expect(descriptors(await busyChildOf(program))).not.toContain('/proc/version');
});

test('SIGINT, SIGTERM and SIGHUP do nothing to a child, idle or busy', async () => {
  const { sandbox, pid, answer } = await aSandbox();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.kill(pid, signal);
  expect(await answer()).toMatchObject([{ value: 2 }]);
  const sum = sandbox.evaluate(['$sum($map([1..50000], function($n){ $n * 2 }))'], {});
  for (let n = 0; n < 100; n += 1) for (const signal of signals) process.kill(pid, signal);
  expect(await sum).toMatchObject([{ value: 2_500_050_000 }]);
  expect(isAlive(pid)).toBe(true);
});

test.each([
  ['in an endless loop', ENDLESS],
  [
    'in a long call of the engine',
    '$contains($join($map([1..100000], function($n){ "aaaaaaaa" })), $join($map([1..50000], function($n){ "aaaaaaaa" })) & "b")',
  ],
])('a child %s ends with a parent that is killed', async (_, expression) => {
  const program = await aProgram(expression);
  const child = await busyChildOf(program);
  program.kill('SIGKILL');
  await once(program, 'exit');
  await expect.poll(() => isAlive(child), { timeout: 10_000, interval: 20 }).toBe(false);
});

test('an idle child does not keep its parent alive, and ends with it', async () => {
  const program = await aProgram('2 + 2');
  const [child] = childrenOf(program.pid!);
  if (program.exitCode === null) await once(program, 'exit');
  expect(program.exitCode).toBe(0);
  if (child !== undefined) await expect.poll(() => isAlive(child), { timeout: 10_000, interval: 20 }).toBe(false);
});

test('a child writes no memory into a core file', async () => {
  const { pid } = await aSandbox();
  expect(Number.parseInt(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8'), 16)).toBe(0);
});
