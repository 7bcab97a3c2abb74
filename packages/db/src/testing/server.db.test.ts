import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createTestDatabase } from './database.ts';
import { startTestPostgres } from './server.ts';

async function dataOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`SELECT current_setting('data_directory') AS data`);
  await client.end();
  return rows[0].data;
}

test('leftovers of a killed run are removed by the next one, which does not affect living runs', async () => {
  const script = `const { startTestPostgres } = await import(${JSON.stringify(new URL('../../dist/testing/index.js', import.meta.url).href)});
    console.log((await startTestPostgres()).url); process.stdin.resume().on('end', () => process.exit());`;
  const killed = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'], // it ends with this process
  });
  const [line] = await once(killed.stdout, 'data');
  const url = String(line).trim();
  const folder = dirname(dirname(await dataOf(url)));
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const others = mkdtempSync(join(tmpdir(), 'errand-test-notes-'));
  onTestFinished(() => rmSync(others, { recursive: true, force: true }));
  const next = await startTestPostgres();
  expect(existsSync(others)).toBe(true);
  expect(existsSync(folder)).toBe(false);
  await expect(dataOf(url)).rejects.toThrow();
  const ownFolder = dirname(dirname(await dataOf(next.url)));
  await next.stop();
  expect(existsSync(ownFolder)).toBe(false);

  const database = await createTestDatabase(inject('postgres')); // this run's own server is untouched
  await database.drop();
});
