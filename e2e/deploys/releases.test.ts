// The last release beside this one on one database, which this one has migrated: an upgrade under load, and the way back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerOf } from '../backup/errand.ts';
import { freePort } from '../fixtures/free-port.ts';
import { aGround, startLoad, thisRelease } from './fleet.ts';
import { startBalancer } from './proxies.ts';

const RUNS = 60;
const lastRelease = process.env.ERRAND_TEST_RELEASE!;

type Service = { url: string; apiKey: string };
type Schedule = { scheduleId: string; active: boolean; last: { runId?: string } | null };

async function call({ url, apiKey }: Service, path: string, body?: object): Promise<unknown> {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const answer = await fetch(url + path, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) });
  const text = await answer.text();
  expect(answer.ok, `${path}: ${answer.status} ${text}`).toBe(true);
  return JSON.parse(text);
}

/** The paths of the last release that read lists. */
function listPaths(): string[] {
  const { paths } = JSON.parse(readFileSync(join(lastRelease, 'openapi.json'), 'utf8')) as {
    paths: Record<string, { get?: { parameters?: { required?: boolean }[] } }>;
  };
  return Object.entries(paths).flatMap(([path, { get }]) => {
    const isPlain = get && !path.includes('{') && !get.parameters?.some(({ required }) => required);
    return isPlain && !/stream|sse|watch/.test(path) ? [path] : [];
  });
}

test('the last release works on while and after this one migrates, beside this one, and alone again', async () => {
  const ground = await aGround();
  const ports = [await freePort(), await freePort()] as const;
  const old = [ground.process(lastRelease, 'http', { port: ports[0] }), ground.process(lastRelease, 'worker')] as const;
  for (const process of old) await process.start();
  const url = await startBalancer('haproxy', ports);
  const load = await startLoad({ url, apiKey: old[0].apiKey }, ground);
  await load.moreRuns(RUNS);
  const { applied } = await answerOf(['migrate'], { env: ground.env });
  expect((applied as string[]).length).toBeGreaterThan(0);
  await load.moreRuns(RUNS);

  const env = { ERRAND_LAME_DUCK_SECONDS: '5', ERRAND_TRUSTED_PROXIES: '1' };
  const latest = [
    ground.process(thisRelease, 'http', { port: ports[1], env }),
    ground.process(thisRelease, 'worker', { env }),
  ] as const;
  for (const process of latest) await process.start();
  await load.moreRuns(2 * RUNS);
  const oldHttp = { url: `http://127.0.0.1:${ports[0]}`, apiKey: old[0].apiKey };
  for (const path of listPaths()) await call(oldHttp, path);
  const run = { intent: 'List all users', selectedCustomerIntegrationIds: ['*'], userId: 'user-123' };
  const { scheduleId } = (await call(oldHttp, '/v1/schedules', {
    name: 'each minute',
    cron: '* * * * *',
    run,
  })) as Schedule;
  const read = () => call({ ...oldHttp, url: `http://127.0.0.1:${ports[1]}` }, `/v1/schedules/${scheduleId}`);
  await expect
    .poll(read, { timeout: 90_000, interval: 2000 })
    .toMatchObject({ active: true, last: { runId: expect.any(String) } });

  // The way back.
  for (const process of latest) expect(await process.stop()).toMatchObject({ code: 0 });
  await load.moreRuns(RUNS);
  await load.stopAndCheck();
  expect(latest.flatMap(({ errors }) => errors)).toEqual([]);
  expect(old.flatMap(({ errors }) => errors)).toEqual([]);
});
