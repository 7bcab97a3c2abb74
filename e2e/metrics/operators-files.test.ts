// Grafana itself is not started: this checks the structure of the dashboard. `pnpm test:metrics` asks Prometheus every query.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { namesIn, readDashboard, readDeployed, readRules } from './operators-files.ts';

const page = readDeployed('docs/metrics.md');
const listed = [...page.matchAll(/^\| `(errand_\w+)` \| (\w+) \|/gm)].map(([, name, type]) => ({ name: name!, type }));
/** The names of series: those of histograms have suffixes. */
const seriesNames = new Set(
  listed.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => name + suffix) : [name],
  ),
);

const { panels, templating } = readDashboard();
const targets = panels.flatMap(({ title, targets: own = [] }) => own.map((target) => ({ title, ...target })));

test('panels have ids and titles of their own, and do not overlap', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { gridPos, title } of panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
});

test('every query uses the data source that the user chooses, and has a legend', () => {
  expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['job', 'query'],
  ]);
  expect(targets.length).toBeGreaterThan(40);
  for (const { title, expr, legendFormat, datasource } of targets) {
    expect(legendFormat, title).toBeTruthy();
    expect(datasource.uid, title).toMatch(/^\$\{datasource\}$/);
    expect(expr, title).toContain('job=~"$job"');
    for (const [, label] of legendFormat!.matchAll(/\{\{(\w+)\}\}/g))
      expect(expr, title).toMatch(new RegExp(`by \\(.*\\b${label}\\b`));
  }
  for (const { type, title, targets: own = [], datasource } of panels) {
    if (type === 'row') continue;
    expect(datasource?.uid, title).toMatch(/^\$\{datasource\}$/);
    expect(new Set(own.map(({ refId }) => refId)).size, title).toBe(own.length);
    expect(own.length, title).toBeGreaterThan(0);
  }
});

test('the dashboard shows every metric, and dashboard and rules use no other', () => {
  const queried = new Set(targets.flatMap(({ expr }) => namesIn(expr)));
  for (const name of [...queried, ...readRules().flatMap(({ expr }) => namesIn(expr))])
    expect(seriesNames).toContain(name);
  const missing = listed.filter(({ name, type }) => !queried.has(type === 'histogram' ? `${name}_bucket` : name));
  expect(missing).toEqual([]);
});

test('values of the instance are never added up', () => {
  const instance = page.split('\n## The instance\n')[1]!.split('\n## ')[0]!;
  const names = [...instance.matchAll(/^\| `(errand_\w+)`/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  for (const { expr } of [...targets, ...readRules()])
    for (const name of namesIn(expr).filter((each) => names.includes(each)))
      expect(expr).toMatch(new RegExp(`\\b(?:max|min)(?: by \\([^)]*\\) )?\\(${name}`));
});

test('each rule says what to do, leads to its part of the page, and has a test', () => {
  const rules = readRules();
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, annotations, labels } of rules) {
    expect(['critical', 'warning'], alert).toContain(labels.severity);
    expect(annotations.description, alert).toMatch(/\.$/);
    expect(annotations.runbook).toBe(`docs/metrics.md#${alert.toLowerCase()}`);
    expect(page).toContain(`\n### ${alert}\n`);
  }
  const tests = readdirSync(new URL('../prometheus/rules', import.meta.url));
  expect(tests.sort()).toEqual(rules.map(({ alert }) => `${alert}.yml`).sort());
});

test('the thresholds of the rules are those of the log and of doctor', () => {
  const thresholdOf = (alert: string) =>
    Number(/> (\d+)$/.exec(readRules().find((rule) => rule.alert === alert)!.expr)?.[1]);
  const alarms = [...page.matchAll(/^\| .+\. \| (\d+) s\b/gm)].map(([, seconds]) => Number(seconds));
  expect(['ErrandRunsLate', 'ErrandSnapshotHeld', 'ErrandWebhooksLate'].map(thresholdOf)).toEqual(alarms);
});
