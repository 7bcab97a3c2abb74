import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { callOutcomes } from './business-events.ts';
import { definitions } from './definitions.ts';
import { createRegistry } from './registry.ts';
import { LATE_RUN_SECONDS, LATE_WEBHOOK_SECONDS, LONG_TRANSACTION_SECONDS } from './thresholds.ts';

const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');

test('docs/metrics.md lists exactly the metrics of the registry, in their order', () => {
  const rows = [...page.matchAll(/^\| `(errand_\w+)` \| (\w+) \|(.*?)\| (.+?) \| (.+) \|$/gm)].map(
    ([, name, type, labels, unit, help]) => ({
      name,
      type,
      labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label),
      unit,
      help,
    }),
  );
  const declared = Object.entries(definitions).map(([name, { type, labels, unit, help }]) => ({
    name,
    type,
    labels: [...labels],
    unit,
    help,
  }));
  expect(rows).toEqual(declared);
  const registered = createRegistry().registry.getMetricsAsArray();
  expect(registered.map(({ name }) => name)).toEqual(declared.map(({ name }) => name));
});

test('names follow the conventions of Prometheus', () => {
  for (const [name, { type, unit }] of Object.entries(definitions)) {
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    if (unit === 'seconds' || unit === 'bytes') expect(name, name).toMatch(new RegExp(`_${unit}(_total)?$`));
  }
});

test('the page names each outcome of a call, and the thresholds of the alarms', () => {
  for (const outcome of callOutcomes) expect(page).toContain(`\`${outcome}\``);
  const thresholds = [...page.matchAll(/^\| .+\. \| (\d+) s\b/gm)].map(([, seconds]) => Number(seconds));
  expect(thresholds).toEqual([LATE_RUN_SECONDS, LONG_TRANSACTION_SECONDS, LATE_WEBHOOK_SECONDS]);
});
