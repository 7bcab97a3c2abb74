// The files for operators, with the Prometheus of this machine: `pnpm test:metrics`.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { scrape, startMetered } from '../metrics/metered.ts';
import { readDashboard, readRules, selectorsOf } from '../metrics/operators-files.ts';
import { promtool, startPrometheus } from './start-prometheus.ts';

const WITHIN = { timeout: 60_000, interval: 500 };
const folder = dirname(fileURLToPath(import.meta.url));
const deployed = join(folder, '../../deploy/prometheus');

test('promtool accepts the configuration and the rules', async () => {
  expect(await promtool('check', 'config', join(deployed, 'prometheus.yml'))).toContain('SUCCESS');
  expect(await promtool('check', 'rules', join(deployed, 'rules.yml'))).toContain(`${readRules().length} rules found`);
});

test.each(readdirSync(join(folder, 'rules')))(
  '%s: the rule fires, and does not fire without its cause',
  async (file) => {
    expect(await promtool('test', 'rules', join(folder, 'rules', file))).toContain('SUCCESS');
  },
);

test('after the main job every query of the dashboard and every series of the rules returns data', async () => {
  const metered = await startMetered();
  try {
    const { metricsUrl } = metered;
    const query = await startPrometheus(new URL(metricsUrl).host);
    await vi.waitFor(async () => expect(await query('up{job="errand"} == 1')).toHaveLength(1), WITHIN);
    await metered.carryOutAll();
    // A rate needs a change between two scrapes.
    await vi.waitFor(async () => expect(await query('errand_waits_open{kind="effect"} == 1')).toHaveLength(1), WITHIN);
    await metered.carryOutAll();
    await vi.waitFor(() => expectData(query), WITHIN);
    expect(await promtoolMetrics(await scrape(metricsUrl))).toEqual('');
    const firing = await query('ALERTS{alertstate="firing"}');
    expect(firing.map(({ metric }) => metric.alertname)).toEqual([]);
  } finally {
    await metered.close();
  }
});

async function expectData(query: Awaited<ReturnType<typeof startPrometheus>>): Promise<void> {
  const targets = readDashboard().panels.flatMap(({ targets: own = [] }) => own);
  const expressions = targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.+'));
  const selectors = readRules().flatMap(({ expr }) => selectorsOf(expr));
  expect(selectors.length).toBeGreaterThanOrEqual(readRules().length);
  const empty: string[] = [];
  for (const expr of [...expressions, ...selectors]) {
    const samples = await query(expr);
    if (!samples.some(({ value: [, value] }) => Number.isFinite(Number(value)))) empty.push(expr);
  }
  expect(empty).toEqual([]);
}

/** The faults that promtool finds in a text. */
async function promtoolMetrics(text: string): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) =>
      error && error.code !== 3 ? reject(error) : resolve(stdout + stderr),
    );
    child.stdin!.end(text);
  });
}
