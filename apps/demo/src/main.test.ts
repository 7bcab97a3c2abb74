import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { toConfig } from './config.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

type Started = { crm: { url: string; openapi: string }; token: string };
async function firstLine(output: Readable): Promise<Started> {
  const [line] = (await once(createInterface(output), 'line')) as [string];
  return JSON.parse(line) as Started;
}
const accountsOf = ({ crm, token }: Started) =>
  fetch(`${crm.url}/v1/accounts`, { headers: { authorization: `Bearer ${token}` } });

it('says in one line where it is and serves there', async () => {
  const child = run([MAIN], { CRM_TOKEN: 'crm_given' });
  const started = await firstLine(child.stdout);
  expect(started.token).toBe('crm_given');
  expect((await fetch(started.crm.openapi)).status).toBe(200);
  expect((await accountsOf(started)).status).toBe(200);
});

it('ends when it is stopped, and prints nothing more', async () => {
  const child = run([MAIN]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  await firstLine(child.stdout);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output.trim().split('\n')).toHaveLength(1);
});

it('ends when its parent closes the pipe', async () => {
  const child = run([MAIN]);
  await firstLine(child.stdout);
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('leaves no orphan when its parent is killed', async () => {
  const script = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(MAIN)}], { stdio: ['pipe', 'inherit', 'inherit'] })`;
  const parent = run(['-e', script]);
  const started = await firstLine(parent.stdout);
  expect((await accountsOf(started)).status).toBe(200);
  parent.kill('SIGKILL');
  // The service holds this end open, so its closing is the service's end.
  await once(parent.stdout, 'close');
  await expect(accountsOf(started)).rejects.toThrow();
});

it('refuses a port that is none, before it prints anything', async () => {
  const child = run([MAIN], { CRM_PORT: '70000' });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const [code] = (await once(child, 'exit')) as [number];
  expect([code, output]).toEqual([1, '']);
  expect(() => toConfig({ CRM_PORT: '80a' })).toThrow('CRM_PORT must be 0 to 65535');
});
