// The port of the metrics, of one process and of a supervisor.
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { json } from '../fixtures/stub.ts';
import { chain } from '../trouble/checks.ts';
import { aSite } from '../trouble/site.ts';
import { metricsUrlOf, scrapeUntil, seriesValue } from './metered.ts';

const processCounts = [
  ['one process', '1'],
  ['a supervisor of two', '2'],
] as const;

test.each(processCounts)('metrics of %s can be read while it finishes its calls', async (_, count) => {
  const gate = new EventTarget();
  const called = once(gate, 'called');
  const released = once(gate, 'release');
  const look = async (response: Parameters<typeof json>[0]) => {
    gate.dispatchEvent(new Event('called'));
    await released;
    json(response, {});
  };
  onTestFinished(() => void gate.dispatchEvent(new Event('release')));
  const env = { ERRAND_METRICS_PORT: '0', ERRAND_PROCESSES: count };
  const site = await aSite({ operations: { look: { answer: look } }, env });
  const [server] = site.http as [(typeof site.http)[0]];
  const url = metricsUrlOf(server.log());
  await site.api.runs.create(
    aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, ['look']), approvalStrategy: 'NONE' }),
  );
  await called;
  const ended = server.end();
  const isClosed = () =>
    fetch(server.url).then(
      () => false,
      () => true,
    );
  await expect.poll(isClosed).toBe(true);
  // The process with the call; the other one has ended.
  await scrapeUntil(url, (text) => seriesValue(text, 'errand_processes') === 1);
  gate.dispatchEvent(new Event('release'));
  expect(await ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test.each(processCounts)('no administrator can allow calls to the free port that %s took', async (_, count) => {
  const { http, api } = await aSite({
    operations: { look: { answer: (response) => json(response, {}) } },
    env: {
      ERRAND_METRICS_PORT: '0',
      ERRAND_PROCESSES: count,
      ERRAND_WORKSPACE_ORIGINS: 'true',
      ERRAND_WORKSPACE_LOOPBACK_PORTS: '1-65535',
    },
  });
  const { origin } = new URL(metricsUrlOf(http[0]!.log()));
  await expect(api.workspace.allowOrigin({ origin })).rejects.toThrow('This service itself listens there.');
});
