import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { toConfig } from './config.ts';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

it('runs as a process of its own, says where it is, and ends with its parent', async () => {
  const entry = new URL('../../dist/calendar/main.js', import.meta.url);
  const env = { PATH: process.env.PATH, ACCESS_TOKEN_SECONDS: '7', AUTHORIZATION_CLIENT_SECRET: 'given' };
  child = spawn(process.execPath, [entry.pathname], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  const { authorization, calendar } = JSON.parse(line);
  expect(authorization).toMatchObject({
    clientId: 'errand',
    clientSecret: 'given',
    users: { ada: expect.any(String) },
  });

  const metadata = (await (
    await fetch(`${authorization.issuer}/.well-known/oauth-authorization-server`)
  ).json()) as object;
  expect(metadata).toMatchObject({ issuer: authorization.issuer });
  expect((await fetch(`${calendar.url}/v1/events`)).status).toBe(401);
  expect((await fetch(calendar.openapi)).status).toBe(200);
  expect((await fetch(calendar.mcp, { method: 'POST' })).status).toBe(401);
  expect((await fetch(`${authorization.issuer}/operator/withdraw`, { method: 'POST' })).status).toBe(204);

  const ended = once(child, 'exit');
  child.stdin!.end();
  expect(await ended).toEqual([0, null]);
});

it('refuses settings that are no numbers', () => {
  expect(toConfig({ AUTHORIZATION_REDIRECT_URIS: 'https://a.example.com/cb,' })).toMatchObject({
    port: 0,
    accessTokenSeconds: 300,
    redirectUris: ['https://a.example.com/cb'],
  });
  expect(() => toConfig({ CALENDAR_PORT: '70000' })).toThrow('CALENDAR_PORT must be 0 to 65535, not "70000".');
});
