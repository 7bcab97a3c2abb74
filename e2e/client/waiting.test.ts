// A server of a product waits for runs, and follows them, while Errand is killed and started again.
import { createClient, RequestFailed, streamEvents, waitForRun } from '@errand/client';
import { createRestClient } from '@errand/client/rest';
import type { RunEvent } from '@errand/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { type Office, payments, startOffice } from '../fixtures/office.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let office: Office<Stack>;
let api: Api;
beforeAll(async () => {
  office = await startOffice();
  api = overRest(office.stack);
});
afterAll(() => office.close());

const approve = async (approvalId: string | undefined) =>
  api.approvals.decide({ approvalId: approvalId!, decision: 'approve' });

test('over two restarts a run is waited for, and its events come once each', async () => {
  const { url, apiKey } = office.stack;
  const errand = createClient({ url, apiKey });
  const { runId } = await errand.runs.create.mutate(payments(office, [1]));
  const events: RunEvent[] = [];
  const follow = async () => {
    for await (const event of streamEvents({ url, apiKey, runId })) events.push(event);
  };
  const subscribed: number[] = [];
  const subscription = new Promise<void>((resolve, reject) => {
    errand.runs.stream.subscribe(
      { runId, progress: false },
      {
        onData: ({ data }) => void ('seq' in data && subscribed.push(data.seq)),
        onComplete: resolve,
        onError: reject,
      },
    );
  });
  const over = Promise.all([
    waitForRun({ url, apiKey }, runId),
    waitForRun(errand, runId),
    waitForRun(createRestClient({ url, apiKey }), runId),
    follow(),
    subscription,
  ]);
  const waiting = await waitForRun(errand, runId, { until: 'waiting' });
  expect(waiting).toMatchObject({ waitingOn: [{ kind: 'call' }] });
  await office.stack.restart();
  // A wait that begins now sees what is already there.
  expect(await waitForRun(errand, runId, { until: 'waiting' })).toMatchObject({ waitingOn: waiting.waitingOn });
  await approve(waiting.waitingOn[0]!.approvalId);
  await office.stack.restart();
  const [byKey, byClient, byRest] = await over;
  expect(byKey).toMatchObject({ runId, status: 'SUCCESS' });
  expect([byClient, byRest]).toEqual([byKey, byKey]);
  const numbers = events.map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(subscribed).toEqual(numbers);
  expect(office.stub.hits.filter(({ operation }) => operation === 'pay')).toHaveLength(1);
});

test('a run that waits several times is returned each time', async () => {
  const { runId } = await api.runs.create(
    aRun({
      approvalStrategy: 'ON_WRITE',
      plan: {
        goal: 'Pay twice',
        steps: [
          { id: 'first', tool: `${office.id}.pay`, args: { body: { amount: 1 } } },
          {
            id: 'second',
            tool: `${office.id}.pay`,
            args: { body: { amount: { $: "steps.first.output.id = 'paid' ? 2 : 3" } } },
          },
        ],
      },
    }),
  );
  const asked: string[] = [];
  for (;;) {
    const run = await waitForRun(office.stack, runId, { until: 'waiting' });
    if (run.waitingOn.length === 0) break;
    asked.push(run.waitingOn[0]!.text);
    await approve(run.waitingOn[0]!.approvalId);
  }
  expect(asked).toHaveLength(2);
});

test('a refusal ends the wait', async () => {
  const writer = await office.callerWith('runs:write');
  const { runId } = await api.runs.create(payments(office, [1]));
  await expect(waitForRun(writer, runId)).rejects.toMatchObject({ problem: { code: 'insufficient_scope' } });
  const unknown = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
  await expect(waitForRun(office.stack, unknown)).rejects.toBeInstanceOf(RequestFailed);
  await expect(waitForRun(office.stack, runId, { timeoutMs: 300 })).rejects.toMatchObject({ name: 'TimeoutError' });
  const wait = waitForRun(office.stack, runId);
  await api.runs.cancel({ runId });
  expect(await wait).toMatchObject({ status: 'CANCELED' });
});
