// The recipe with `fetch` alone, in a page of another origin, over a restart.
import { expect, onTestFinished, test } from 'vitest';
import { stackForTest } from '../fixtures/stack.ts';
import { overRest } from '../fixtures/transports.ts';
import { startProduct } from './product/start-product.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();

test('a page creates a run, watches it over a kill of the service, and approves it', async () => {
  const product = await startProduct();
  onTestFinished(() => product.close());
  const stack = await stackForTest({ env: { ERRAND_CORS_ORIGINS: product.origin } });
  const api = overRest(stack);
  await api.workspace.setBrowserOrigins({ origins: [product.origin] });
  product.errand = stack;
  const { page } = await open();
  await page.goto(product.origin);
  await page.evaluate(`(async () => {
    const { connectTo } = await import('/plain-fetch.js');
    const getToken = async () => (await (await fetch('/session', { method: 'POST' })).json()).token;
    globalThis.errand = connectTo({ url: ${JSON.stringify(stack.url)}, getToken });
    const run = { intent: 'Log a call with Contoso for tomorrow at 10:00', userId: 'ada', selectedCustomerIntegrationIds: ['*'] };
    globalThis.received = [];
    globalThis.runId = (await errand.createRun(run)).runId;
    (async () => { for await (const event of errand.watchRun(runId)) received.push(event); })();
  })()`);
  const waiting = `received.find(({ step }) => step?.approval === 'PENDING')?.step.approvalId`;
  await expect.poll(() => page.evaluate(waiting)).toBeTruthy();

  await stack.restart();
  await page.evaluate(`errand.decide(${waiting}, { decision: 'approve' })`);
  await expect.poll(() => page.evaluate('received.at(-1).type')).toBe('end');

  const runId = await page.evaluate<string>('runId');
  const { events } = await api.runs.events({ runId, after: 0 });
  expect(await page.evaluate('received.map(({ seq }) => seq)')).toEqual(events.map(({ seq }) => seq));
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
});
