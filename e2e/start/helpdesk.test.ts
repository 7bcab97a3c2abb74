// `pnpm helpdesk` for a person: its messages when it cannot start, and two starts of one folder.
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { aFolder, startProgram } from '../fixtures/program.ts';

const script = fileURLToPath(new URL('../../scripts/helpdesk.mjs', import.meta.url));

vi.setConfig({ testTimeout: 300_000 });

test('a port that cannot be used ends the start with one sentence, before anything is built', async () => {
  for (const port of ['http', '0', '70000']) {
    const failing = startProgram(`${aFolder()}/data`, [script], { env: { HELPDESK_PORT: port } });
    expect(await failing.ended).toMatchObject({ code: 1 });
    expect(failing.output()).toBe(`HELPDESK_PORT must be a whole number from 1 to 65535, not "${port}".\n`);
  }
});

test('two starts of one folder give a desk with which people sign in, and Ctrl-C ends all of it', async () => {
  const dataDir = `${aFolder()}/data`;
  const env = { HELPDESK_PORT: String(await freePort()), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  for (let times = 0; times < 2; times++) {
    const desk = startProgram(dataDir, [script], { env });
    await desk.printed(/Ctrl-C stops everything/);
    const [, url] = /The helpdesk is ready at (\S+)/.exec(desk.output())!;
    const json = { 'content-type': 'application/json' };
    const session = await fetch(`${url}/session`, { method: 'POST', headers: json, body: '{"id":"ada"}' });
    const cookie = session.headers.getSetCookie()[0]!.split(';')[0]!;
    const body = JSON.stringify({ ticket: 'T-1041', intent: 'Which tickets are open?' });
    expect(await (await fetch(`${url}/runs`, { headers: { cookie } })).json()).toHaveLength(times);
    expect((await fetch(`${url}/requests`, { method: 'POST', headers: { ...json, cookie }, body })).status).toBe(200);
    // The webhook arrives.
    const runs = async () => (await fetch(`${url}/runs`, { headers: { cookie } })).text();
    await expect.poll(runs).toMatch(/Found \d+ tickets/);

    process.kill(-desk.child.pid!, 'SIGINT');
    expect(await desk.ended, desk.output()).toMatchObject({ code: 0, signal: null });
    expect(desk.output()).toMatch(/Stopped\.\n$/);
    expect(desk.left()).toEqual([]);
  }
});
