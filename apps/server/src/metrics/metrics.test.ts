import type { ToolSpec } from '@errand/contracts';
import type { LoadReading } from '@errand/db';
import { expect, test } from 'vitest';
import { Measurements } from './measurement.ts';
import { Metrics } from './metrics.ts';

const MAX_BYTES = 256 * 1024;

const healthy: LoadReading = {
  isUp: true,
  load: { queue: { due: 3, claimed: 1, oldestDueSeconds: 7, oldestSlotWaitSeconds: 9 } },
};
type Options = { reading?: LoadReading; readsInstance?: () => boolean; read?: () => Promise<LoadReading> };

function aProcess({ reading = healthy, readsInstance = () => true, ...options }: Options = {}) {
  let reads = 0;
  const read = async () => {
    reads++;
    return options.read ? options.read() : reading;
  };
  const poolUse = () => [{ name: 'system' as const, inUse: 2, idle: 1, waiting: 4, max: 6 }];
  const redact = (text: string) => text.replaceAll('s3cret-canary', '[secret]');
  const metrics = new Metrics({ db: { poolUse }, load: { read }, redact, readsInstance, waitMs: 20 });
  return { metrics, reads: () => reads };
}

const run = { workspaceId: 'w', runId: 'r' };
const call = (integrationName: string, more = {}) => ({
  ...run,
  tool: { integrationName } as ToolSpec,
  attempt: 1,
  ms: 120,
  ...more,
});

/** The values of a label in a text. */
const valuesOf = (text: string, label: string) =>
  new Set([...text.matchAll(new RegExp(`\\b${label}="((?:[^"\\\\]|\\\\.)*)"`, 'g'))].map(([, value]) => value!));
const line = (text: string, series: string) => text.split('\n').find((each) => each.startsWith(`${series} `));

const hostile = [
  'a"} 1\nerrand_database_up{x="',
  '\\',
  '\n',
  '{}',
  's3cret-canary of the tenant',
  '\u202Eevil\u0000',
  'x'.repeat(5000),
  '\uD800',
  '__proto__',
  'a,outcome:ok',
];

test('200 integrations with hostile names make at most 51 values, a valid text and a small one', async () => {
  const { metrics } = aProcess();
  metrics.turnOn();
  const names = [
    ...hostile,
    ...Array.from({ length: 190 }, (_, n) => `${n} ${'integration with a long name '.repeat(3)}`),
  ];
  const failures = [
    {},
    { code: 'upstream_error', status: 404 },
    { code: 'upstream_error', status: 503 },
    { code: 'upstream_timeout' },
    { code: 'upstream_unreachable' },
    { code: 'upstream_error', status: 429, limited: true },
    { code: 'upstream_paused', unsent: true },
    { code: 'internal' },
  ];
  for (const name of names) for (const failure of failures) metrics.events.callEnded(call(name, failure));
  for (let n = 0; n < 100; n++)
    metrics.events.modelEnded({ model: `m${n}`, ms: 5, succeeded: true, usage: { inputTokens: 1, outputTokens: 1 } });
  const text = await metrics.text();
  const integrations = valuesOf(text, 'integration');
  expect(integrations.size).toBeLessThanOrEqual(51);
  expect(integrations).toContain('other');
  expect(valuesOf(text, 'model').size).toBeLessThanOrEqual(11);
  for (const value of integrations) expect(value).toMatch(/^[\p{L}\p{N} ._\-()&/]{1,60}$/u);
  expect(text).not.toContain('s3cret-canary');
  expect(text.split('\n').filter((each) => each.startsWith('errand_database_up'))).toEqual(['errand_database_up 1']);
  expect(Buffer.byteLength(text)).toBeLessThan(MAX_BYTES);
  const counted = [...text.matchAll(/^errand_calls_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  expect(counted).toBe(names.length * failures.length);
});

test('names of users, runs and workspaces are in no label', async () => {
  const { metrics } = aProcess();
  metrics.turnOn();
  const secret = { workspaceId: 'canary-workspace', runId: 'canary-run' };
  metrics.events.runCreated({ ...secret, by: 'request' });
  metrics.events.callEnded({ ...call('CRM'), ...secret });
  metrics.events.waitEnded({ ...secret, kind: 'question', decision: 'answer', expired: false, waitedMs: 5000 });
  expect(await metrics.text()).not.toContain('canary');
});

test('many scrapers share one text and one reading', async () => {
  const { metrics, reads } = aProcess();
  const texts = await Promise.all(Array.from({ length: 100 }, () => metrics.text()));
  expect(new Set(texts).size).toBe(1);
  expect(reads()).toBe(1);
});

test('before the first scrape nothing is counted', async () => {
  const { metrics } = aProcess();
  metrics.events.runCreated({ ...run, by: 'request' });
  expect(line(await metrics.text(), 'errand_runs_created_total{by="request"}')).toBe(
    'errand_runs_created_total{by="request"} 0',
  );
});

test('values that could not be read are absent, and the others are there', async () => {
  const text = await aProcess().metrics.text();
  expect(line(text, 'errand_queue_oldest_due_seconds')).toBe('errand_queue_oldest_due_seconds 7');
  expect(line(text, 'errand_database_unread{part="queue"}')).toMatch(/ 0$/);
  expect(line(text, 'errand_database_unread{part="webhooks"}')).toMatch(/ 1$/);
  expect(line(text, 'errand_webhook_oldest_due_seconds')).toBeUndefined();
  const down = await aProcess({ reading: { isUp: false, load: {} } }).metrics.text();
  expect(line(down, 'errand_database_up')).toMatch(/ 0$/);
  expect(line(down, 'errand_queue_oldest_due_seconds')).toBeUndefined();
  expect(line(down, 'errand_pool_waiting{pool="system"}')).toMatch(/ 4$/);
});

test('processes are added up, and instance-wide values are not', async () => {
  const [a, b] = [aProcess(), aProcess({ readsInstance: () => false })];
  for (const { metrics } of [a, b]) {
    metrics.turnOn();
    metrics.events.runEnded({ ...run, status: 'SUCCESS' });
    metrics.events.firstCall({ ...run, runAgeMs: 700 });
  }
  const all = new Measurements();
  all.set(1, await a.metrics.measure());
  all.set(2, await b.metrics.measure());
  const text = await all.text(new Set([1, 2]));
  expect(line(text, 'errand_runs_ended_total{status="SUCCESS"}')).toMatch(/ 2$/);
  expect(line(text, 'errand_first_call_seconds_bucket{le="1"}')).toMatch(/ 2$/);
  expect(line(text, 'errand_processes')).toMatch(/ 2$/);
  expect(line(text, 'errand_queue_due_runs')).toMatch(/ 3$/);
  expect(line(text, 'errand_pool_waiting{pool="system"}')).toMatch(/ 8$/);
});

test('counts do not fall when a process ends or does not answer, and its state is dropped', async () => {
  const all = new Measurements();
  const measured = async (ends: number) => {
    const { metrics } = aProcess();
    metrics.turnOn();
    for (let n = 0; n < ends; n++) metrics.events.runEnded({ ...run, status: 'SUCCESS' });
    return metrics.measure();
  };
  const ended = async (...answered: number[]) => {
    const text = await all.text(new Set(answered));
    const value = (series: string) => Number(line(text, series)?.split(' ').pop());
    return [value('errand_runs_ended_total{status="SUCCESS"}'), value('errand_processes')];
  };
  for (const [id, ends] of [1, 2, 3].entries()) all.set(id, await measured(ends));
  expect(await ended(0, 1, 2)).toEqual([6, 3]);
  expect(await ended(0, 1)).toEqual([6, 2]);
  for (const id of [0, 1]) all.end(id);
  expect(await ended(2)).toEqual([6, 1]);
  all.set(3, await measured(4));
  expect(await ended(2, 3)).toEqual([10, 2]);
  all.end(2);
  expect(await ended(3)).toEqual([10, 1]);
});

test('64 processes with different names make at most 51 values together', async () => {
  const all = new Measurements();
  for (let id = 0; id < 64; id++) {
    const { metrics } = aProcess();
    metrics.turnOn();
    for (let n = 0; n < 50; n++) metrics.events.callEnded(call(`${id} ${n}`));
    all.set(id, JSON.parse(JSON.stringify(await metrics.measure())));
  }
  const text = await all.text(new Set(Array.from({ length: 64 }, (_, id) => id)));
  expect(valuesOf(text, 'integration').size).toBe(51);
  expect(Buffer.byteLength(text)).toBeLessThan(MAX_BYTES);
  const counted = [...text.matchAll(/^errand_calls_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  expect(counted).toBe(64 * 50);
});

test('a scrape does not wait for a slow database', async () => {
  const slow = new Promise<LoadReading>(() => {});
  let answer: Promise<LoadReading> = Promise.resolve(healthy);
  const { metrics } = aProcess({ read: () => answer });
  const measured = async (name: string) => {
    const metric = (await metrics.measure()).find((each) => each.name === name)!;
    return metric.values.map(({ value }) => value);
  };
  expect(await measured('errand_queue_due_runs')).toEqual([3]);
  answer = slow;
  expect(await measured('errand_queue_due_runs')).toEqual([3]);
  const { metrics: unread } = aProcess({ read: () => slow });
  expect(await unread.text()).toContain('\nerrand_database_up 0\n');
});

test('a process that does not read the instance any more shows no old values', async () => {
  let reads = true;
  const { metrics } = aProcess({ readsInstance: () => reads });
  const due = async () => (await metrics.measure()).find(({ name }) => name === 'errand_queue_due_runs')!.values;
  expect(await due()).toHaveLength(1);
  reads = false;
  expect(await due()).toEqual([]);
});
