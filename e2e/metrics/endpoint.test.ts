// GET /metrics: on its own port, and on the port of the API for the platform.
import { beforeAll, describe, expect, test } from 'vitest';
import { slowTest } from '../fixtures/combine.ts';
import { newPlatformKey } from '../fixtures/operator.ts';
import { json } from '../fixtures/stub.ts';
import { aSite } from '../trouble/site.ts';
import { MODEL_KEY, metricsUrlOf, scrape, scrapeUntil, seriesValue, startMetered } from './metered.ts';

const MAX_BYTES = 64 * 1024;

describe('a service that has done its work', () => {
  let metered: Awaited<ReturnType<typeof startMetered>>;
  let text: string;
  beforeAll(async () => {
    metered = await startMetered();
    await metered.carryOutAll();
    text = await scrapeUntil(metered.metricsUrl, (each) => seriesValue(each, 'errand_waits_open{kind="effect"}') === 1);
    return () => metered.close();
  });

  test('what happened is counted', () => {
    expect(seriesValue(text, 'errand_runs_created_total{by="request"}')).toBe(3);
    expect(seriesValue(text, 'errand_runs_ended_total{status="SUCCESS"}')).toBe(2);
    expect(seriesValue(text, 'errand_runs_ended_total{status="FAILED"}')).toBe(0);
    expect(seriesValue(text, 'errand_first_call_seconds_count')).toBe(3);
    expect(seriesValue(text, 'errand_waits_begun_total{kind="tool_approval"}')).toBe(1);
    expect(seriesValue(text, 'errand_wait_seconds_count{kind="tool_approval"}')).toBe(1);
    expect(seriesValue(text, 'errand_waits_ended_total{kind="tool_approval",decision="approve"}')).toBe(1);
    expect(seriesValue(text, 'errand_model_requests_total{model="openai-compatible/scripted",outcome="ok"}')).toBe(1);
    expect(seriesValue(text, 'errand_model_tokens_total{model="openai-compatible/scripted",kind="input"}')).toBe(1000);
    expect(seriesValue(text, 'errand_model_cost_total{model="openai-compatible/scripted",currency="USD"}')).toBe(
      0.0025,
    );
  });

  test('the state of the process and of the instance is shown', () => {
    expect(seriesValue(text, 'errand_database_up')).toBe(1);
    expect(seriesValue(text, 'errand_queue_oldest_due_seconds')).toBe(0);
    expect(seriesValue(text, 'errand_workers_alive')).toBe(1);
    expect(seriesValue(text, 'errand_processes')).toBe(1);
    expect(seriesValue(text, 'errand_pool_connections_max{pool="tenant"}')).toBe(4);
    expect(text).toMatch(/^errand_build_info\{version="\d+\.\d+\.\d+",node="v\d+[^"]*"\} 1$/m);
  });

  test('no secret is in the text, and it is small', async () => {
    const { stack } = metered;
    for (const canary of [MODEL_KEY, stack.apiKey, new URL(stack.databaseUrl).password, 'Look', 'user-123'])
      expect(text).not.toContain(canary);
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BYTES);
  });

  test('other paths and methods of the port are refused', async () => {
    const statusOf = async (path: string, method: string) =>
      (await fetch(new URL(path, metered.metricsUrl), { method })).status;
    expect(await statusOf('/', 'GET')).toBe(404);
    expect(await statusOf('/v1/runs', 'GET')).toBe(404);
    expect(await statusOf('/metrics', 'POST')).toBe(405);
    expect(await statusOf('/metrics?x=1', 'HEAD')).toBe(200);
  });

  test('on the port of the API only the platform reads them', async () => {
    const { stack } = metered;
    const url = `${stack.url}/metrics`;
    const answer = async (headers: Record<string, string>) => {
      const response = await fetch(url, { headers });
      return [response.status, response.ok ? undefined : ((await response.json()) as { code: string }).code];
    };
    expect(await answer({})).toEqual([401, 'unauthenticated']);
    expect(await answer({ 'x-api-key': stack.apiKey })).toEqual([403, 'operators_only']);
    expect(await answer({ authorization: `Bearer er_user_${'a'.repeat(43)}` })).toEqual([401, expect.any(String)]);
    const key = await newPlatformKey(stack);
    expect(await scrape(url, { authorization: `Bearer ${key}` })).toContain('errand_database_up 1');
  });
});

slowTest('processes of a supervisor answer together, and their counts outlive them', async () => {
  const metered = await startMetered({ ERRAND_PROCESSES: '2' });
  try {
    const { metricsUrl, stack } = metered;
    const before = await scrape(metricsUrl);
    expect(seriesValue(before, 'errand_processes')).toBe(2);
    expect(seriesValue(before, 'errand_pool_connections_max{pool="system"}')).toBe(12);
    await metered.carryOutAll();
    const created = 'errand_runs_created_total{by="request"}';
    const text = await scrapeUntil(metricsUrl, (each) => seriesValue(each, created) === 3);
    expect(seriesValue(text, 'errand_workers_alive')).toBe(2);
    const key = await newPlatformKey(stack);
    const seen = await scrape(`${stack.url}/metrics`, { 'x-api-key': key });
    expect([seriesValue(seen, 'errand_processes'), seriesValue(seen, created)]).toEqual([2, 3]);
    for (const { pid } of processesOf(stack.log())) process.kill(pid, 'SIGKILL');
    const later = await scrapeUntil(metricsUrl, (each) => seriesValue(each, 'errand_processes') === 2);
    expect(seriesValue(later, created)).toBe(3);
  } finally {
    await metered.close();
  }
});

/** The processes that the supervisor started, by its log. */
const processesOf = (log: string): { pid: number }[] =>
  JSON.parse(log.split('\n').find((line) => line.includes('all processes are ready'))!).processes;

slowTest('without a database a worker still answers, with the metrics of the process', async () => {
  const site = await aSite({
    operations: { look: { answer: (response) => json(response, {}) } },
    workers: 1,
    env: { ERRAND_METRICS_PORT: '0' },
  });
  const worker = site.workers[1]!;
  const url = metricsUrlOf(worker.log());
  expect(seriesValue(await scrape(url), 'errand_database_up')).toBe(1);
  await worker.way.set({ kind: 'refuse' });
  worker.way.cut();
  const text = await scrapeUntil(url, (each) => seriesValue(each, 'errand_database_up') === 0);
  expect(seriesValue(text, 'errand_processes')).toBe(1);
  expect(seriesValue(text, 'errand_queue_oldest_due_seconds')).toBeUndefined();
  await worker.way.set({ kind: 'pass' });
  await scrapeUntil(url, (each) => seriesValue(each, 'errand_database_up') === 1);
});
