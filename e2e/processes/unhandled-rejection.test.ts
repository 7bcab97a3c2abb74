// A rejection that nothing handles stops the process in order: calls in progress end, and the exit code tells of the fault.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { stackForTest } from '../fixtures/stack.ts';
import { json, startStub } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';

test('a process with an unhandled rejection logs it, ends the call in progress, and exits with 1', async () => {
  const gate = new EventTarget();
  const arrived = once(gate, 'arrived');
  const opened = once(gate, 'open');
  const stub = await startStub({
    pay: {
      method: 'POST',
      answer: async (response) => {
        gate.dispatchEvent(new Event('arrived'));
        await opened;
        json(response, { id: 'paid' });
      },
    },
  });
  const reject = new URL('../fixtures/reject.mjs', import.meta.url).href;
  const stack = await stackForTest({
    seed: false,
    allow: [stub.origin],
    env: { NODE_OPTIONS: `--import ${reject}` },
  });
  const api = overRest(stack);
  const auth = { type: 'API_TOKEN', token: 't0ken-of-stub' } as const;
  const { customerIntegrationId: id } = await api.integrations.create({
    name: 'Bank',
    kind: 'openapi',
    document: stub.document,
    auth,
  });
  const { runId } = await api.runs.create(aRun({ plan: aPlan(`${id}.pay`) }));
  await arrived;
  process.kill(stack.pid, 'SIGUSR2');
  await expect.poll(() => stack.log(), { timeout: 10_000 }).toContain('nothing handled it');
  gate.dispatchEvent(new Event('open'));
  expect(await stack.end()).toBe(1);
  expect(stack.log()).toContain('a fault of the program');
  await stack.restart();
  const run = () => overRest(stack).runs.get({ runId });
  await expect.poll(run, { timeout: 20_000 }).toMatchObject({ status: 'SUCCESS', result: { id: 'paid' } });
  expect(stub.hits).toHaveLength(1);
  await stub.close();
});
