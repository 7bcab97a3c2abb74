import { expect, onTestFinished, test, vi } from 'vitest';
import type { ToSupervisor } from './messages.ts';
import { SupervisedMetrics } from './supervised-metrics.ts';

test('scrapes of a process at once cost the supervisor one', async () => {
  const sent: ToSupervisor[] = [];
  const metrics = new SupervisedMetrics((message) => sent.push(message));
  const texts = [metrics.text(), metrics.text()];
  expect(sent).toEqual([{ kind: 'scrape', scrape: 1 }]);
  metrics.receive({ kind: 'metrics', scrape: 1, text: 'all' });
  expect(await Promise.all(texts)).toEqual(['all', 'all']);
});

test('without an answer of the supervisor they are unavailable for now', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const refusal = expect(new SupervisedMetrics(() => {}).text()).rejects.toMatchObject({
    code: 'unavailable',
    options: { headers: { 'retry-after': '1' } },
  });
  await vi.advanceTimersByTimeAsync(5000);
  await refusal;
});
