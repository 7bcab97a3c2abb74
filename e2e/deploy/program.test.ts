// The program of the image, on this machine: its health command, and the arguments that it passes on.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { aFolder } from '../fixtures/program.ts';

const program = join(import.meta.dirname, '../../deploy/image/errand.mjs');

const run = (file: string, args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, [file, ...args], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

async function aServer(answer: RequestListener, host = '127.0.0.1') {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: String((server.address() as AddressInfo).port), paths };
}

const health = (env: Record<string, string>) => run(program, ['health'], env);

test('the health is good while the service is ready, and names the answer while it is not', async () => {
  let isReady = true;
  const { port, paths } = await aServer((_, response) => response.writeHead(isReady ? 200 : 503).end('{"status":"x"}'));
  expect(await health({ PORT: port })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await health({ PORT: '1', ERRAND_PORT: port, HOST: '0.0.0.0', ERRAND_ROLE: 'http' })).toMatchObject({
    code: 0,
  });
  isReady = false;
  expect(await health({ PORT: port })).toEqual({
    code: 1,
    stdout: '',
    stderr: `http://127.0.0.1:${port}/readyz answers 503: {"status":"x"}\n`,
  });
  expect(paths).toEqual(['/readyz', '/readyz', '/readyz']);
});

test('the health is bad when nothing listens, when the service hangs, and when it sends elsewhere', async () => {
  const nothing = String(await freePort());
  const hanging = await aServer(() => {});
  const moved = await aServer((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  const endless = await aServer((_, response) => {
    response.writeHead(503);
    const write = () => response.write('x'.repeat(10_000), () => response.writable && setImmediate(write));
    write();
  });
  const results = await Promise.all([nothing, hanging.port, moved.port, endless.port].map((PORT) => health({ PORT })));
  expect(results.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  const says = ['does not answer: connect ECONNREFUSED', 'does not answer', 'answers 302', 'does not answer'];
  for (const [i, words] of says.entries()) expect(results[i]!.stderr).toContain(words);
});

test('the health of a worker is that of its port of metrics', async () => {
  const { port, paths } = await aServer((_, response) => response.end('errand_up 1'));
  const env = { ERRAND_ROLE: 'worker', PORT: '1' };
  expect(await health({ ...env, ERRAND_METRICS_PORT: port, ERRAND_METRICS_HOST: '0.0.0.0' })).toMatchObject({
    code: 0,
  });
  expect(paths).toEqual(['/metrics']);
  expect(await health(env)).toMatchObject({ code: 1, stderr: expect.stringContaining('Set ERRAND_METRICS_PORT.') });
});

test('it starts the programs of the package in its own process, with their arguments', async () => {
  const folder = aFolder();
  copyFileSync(program, join(folder, 'errand.mjs'));
  const names = [
    'apps/server/dist/main',
    'apps/server/dist/reseal',
    'apps/server/dist/login-link',
    'apps/cli/dist/main',
  ];
  for (const name of names) {
    const path = join(folder, 'app', `${name}.js`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `console.log(JSON.stringify(['${name}', import.meta.filename === process.argv[1], ...process.argv.slice(2)]));`,
    );
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const start = async (...args: string[]) =>
    JSON.parse((await run(join(folder, 'errand.mjs'), args)).stdout) as unknown[];
  expect(await start()).toEqual(['apps/server/dist/main', true]);
  expect(await start('server', '--role', 'http')).toEqual(['apps/server/dist/main', true, '--role', 'http']);
  expect(await start('worker')).toEqual(['apps/server/dist/main', true, '--role', 'worker']);
  expect(await start('login-link', '--operator')).toEqual(['apps/server/dist/login-link', true, '--operator']);
  expect(await start('migrate')).toEqual(['apps/cli/dist/main', true, 'migrate']);
  expect(await start('doctor', '--json')).toEqual(['apps/cli/dist/main', true, 'doctor', '--json']);
  expect(await start('--help')).toEqual(['apps/cli/dist/main', true, '--help']);
});
