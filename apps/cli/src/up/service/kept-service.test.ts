import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createScreen } from '../early/screen.mjs';
import { KeptService } from './kept-service.ts';
import { launch } from './processes.ts';

const READY = `process.send({ ready: 'postgres' }); process.send({ url: 'http://127.0.0.1:4000' });`;
const STAY = `${READY} setInterval(() => {}, 1000);`;

/** A service of which each start runs the next of these programs, and then the last one. */
function keep(...scripts: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'errand-kept-'));
  const out = new PassThrough();
  let output = '';
  out.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const warn = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  let starts = 0;
  const kept = new KeptService({
    logPath: join(folder, 'server.log'),
    env: { PATH: process.env.PATH, ERRAND_PORT: '0' },
    start: (_, options) => launch(['-e', scripts[Math.min(starts++, scripts.length - 1)]!], options),
    screen: createScreen({}, out as never),
  });
  onTestFinished(async () => {
    await kept.stop();
    warn.mockRestore();
    rmSync(folder, { recursive: true, force: true });
  });
  return { kept, output: () => output, starts: () => starts };
}

test('a service that ends is started again, with its exit code and the last lines of its log', async () => {
  const line = JSON.stringify({ level: 50, time: 0, msg: 'it broke', err: { message: 'a\u001b[31mcause' } });
  const { kept, output } = keep(
    `${READY} console.log(${JSON.stringify(line)}); process.stderr.write('the end'); process.exitCode = 3; process.disconnect();`,
    STAY,
  );
  await kept.start(() => {});
  await expect.poll(output).toMatch(/started again/);
  expect(output()).toMatch(
    /The service has ended: it ended with code 3 after \d+\.\d s\. The last lines of \S+server\.log:/,
  );
  expect(output()).toContain('\n  00:00:00 error it broke: a\\x1b[31mcause\n  the end\n');
});

test('a restart that fails shows its reason, and the next one follows', async () => {
  const { kept, output, starts } = keep(
    `${READY} process.exitCode = 1; process.disconnect();`,
    `console.error('The disk is full.'); process.exitCode = 1;`,
    STAY,
  );
  await kept.start(() => {});
  await expect.poll(output).toMatch(/started again/);
  expect(output()).toContain('The disk is full.');
  expect(starts()).toBe(3);
});

test('a first start that fails is not repeated', async () => {
  const { kept, starts } = keep(`console.error('PORT is wrong.'); process.exitCode = 1;`, STAY);
  await expect(kept.start(() => {})).rejects.toThrow(/^PORT is wrong\.$/);
  await kept.stop();
  expect(starts()).toBe(1);
});

test('a stopped service stays stopped', async () => {
  const { kept, output, starts } = keep(STAY);
  await kept.start(() => {});
  await kept.stop();
  expect(starts()).toBe(1);
  expect(output()).toBe('');
});
