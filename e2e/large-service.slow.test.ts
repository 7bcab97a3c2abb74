// Large documents are read, converted, indexed, planned over and listed without blocking the event loop.
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { largeDocument } from './fixtures/large-service.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { overRest } from './fixtures/transports.ts';

const OPERATIONS = 1000;
// The goal is 50 ms on a quiet machine; blocking work would take seconds.
const HOLD_MS = 250;

let stack: Stack;
let service: Stub;
beforeAll(async () => {
  service = await startStub({ invoices: { answer: (response) => json(response, [{ id: 'i1' }]) } });
  stack = await startStack({ seed: false, allow: [service.origin] });
  return () => Promise.all([stack.close(), service.close()]);
});

test('a service of a thousand operations is imported, planned over and listed while the loop stays free', async () => {
  const api = overRest(stack);
  const document = largeDocument(service.origin, OPERATIONS);
  await stack.longestHold();

  const integration = await api.integrations.create({ name: 'Large', kind: 'openapi', document });
  const importHold = await stack.longestHold();
  expect(integration.toolCount).toBe(OPERATIONS);

  const input = aRun({
    intent: 'List the invoices',
    selectedCustomerIntegrationIds: [integration.customerIntegrationId],
    approvalStrategy: 'NONE',
  });
  const runs = await Promise.all(Array.from({ length: 4 }, () => carryOut(api, input)));
  const planHold = await stack.longestHold();
  for (const { run } of runs) expect(run).toMatchObject({ status: 'SUCCESS' });
  expect(service.hits.every(({ operation }) => operation === 'invoices')).toBe(true);

  const { customerIntegrationId } = integration;
  expect(await api.integrations.refresh({ customerIntegrationId, document })).toMatchObject({ needsReview: false });
  const refreshHold = await stack.longestHold();
  expect(
    (await request(stack, `/v1/integrations/${customerIntegrationId}/tools?pageSize=1000`)).text.length,
  ).toBeGreaterThan(1e6);
  const listHold = await stack.longestHold();
  expect(Math.max(importHold, planHold, refreshHold, listHold)).toBeLessThan(HOLD_MS);
}, 180_000);
