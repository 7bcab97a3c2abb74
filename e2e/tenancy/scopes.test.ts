// Calls every operation of the contract with a key that has only that operation's scope: its answer contains nothing that other callers
// stored. The cases come from the contract, so new operations are covered automatically.
import type { Scope } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { combine } from '../fixtures/combine.ts';
import { overRest as api, type Caller } from '../fixtures/transports.ts';
import { fill, type Hole, holesOf, inputWith, type Operation, operations } from './id-fields.ts';
import { overRest, overTrpc, type Send } from './send.ts';
import { CANARY, kinds, samples, settled, startTenants, type Tenant } from './tenants.ts';

/** Texts in the answer to a key with only the operation's scope, with the reason. */
const shows: Readonly<Record<string, { text: string; because: string }>> = {
  'approvalRules.list': { text: CANARY, because: 'approvals:decide makes and revokes the rules of the workspace' },
  'webhooks.list': { text: CANARY, because: 'webhooks:write makes and changes the webhooks of the workspace' },
  'webhooks.get': { text: CANARY, because: 'webhooks:write makes and changes the webhooks of the workspace' },
  'runs.preflight': { text: `CRM ${CANARY}`, because: 'a plan names the integrations that it uses' },
  'integrations.patch': { text: CANARY, because: 'connections:write sees the integrations that it changes' },
  'integrations.setTools': { text: CANARY, because: 'connections:write sees the integrations that it changes' },
  'integrations.refresh': { text: CANARY, because: 'connections:write sees the integrations that it changes' },
};

/** Operations whose smallest input is refused here, with the reason; another test reads their answers. */
const refused: Readonly<Record<string, string>> = {
  'integrations.acceptTool': 'the fingerprint is not that of the tool; e2e/tool-reviews.test.ts accepts tools',
  'runs.cancel': 'the run has ended; e2e/rights.test.ts cancels one that waits',
  'consents.confirm': 'the code is unknown; e2e/consents-confirmed.test.ts reads the answer to a known one',
  'actions.run': 'its run fails; e2e/actions/changes.test.ts reads the answer of one that succeeds',
};

const shop = {
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: 'https://shop.example.com' }],
  paths: { '/orders': { get: { operationId: 'listOrders', responses: { 200: { description: 'Orders.' } } } } },
};

/** Inputs that are accepted where the smallest one is not. */
const inputs: Readonly<Record<string, (tenant: Tenant, operation: Operation) => object | Promise<object>>> = {
  'integrations.create': () => ({ name: 'Shop', kind: 'openapi', document: shop }),
  'integrations.inspect': () => ({ document: shop }),
  'integrations.setTools': ({ crm }) => ({ enabled: [`${crm}.listUsers`] }),
  'integrations.putCredentials': () => ({ apiToken: 'a token of the user' }),
  'pending.decide': async (tenant, operation) => ({
    decisions: [{ approvalId: await samples.ApprovalId!.real(tenant, operation), decision: 'approve' }],
  }),
  'webhooks.deliveries': ({ webhookId }) => ({ webhookId }),
  'webhooks.redeliver': ({ webhookId }) => ({ webhookId }),
  'webhooks.delivery': ({ webhookId }) => ({ webhookId }),
};

/** Operations with a scope that is neither the read scope nor `admin`. The last one deletes an integration that the others need. */
const narrow = operations
  .flatMap(({ scope, ...rest }) =>
    scope === null || scope === 'runs:read' || scope === 'admin' ? [] : [{ ...rest, scope }],
  )
  .sort((a, b) => Number(a.name === 'integrations.delete') - Number(b.name === 'integrations.delete'));
const transports: [string, Send][] = [
  ['REST', overRest],
  ['tRPC', overTrpc],
];
// REST calls the procedures of tRPC, so each operation takes one of the transports. The integration of the last one is then gone.
const cases = combine(narrow, ({ name }) => transports.slice(0, name === 'integrations.delete' ? 1 : undefined)).map(
  ([operation, [transport, send]]) => ({ transport, send, operation, ...operation }),
);

let tenants: Awaited<ReturnType<typeof startTenants>>;
const callers = new Map<Scope, Caller>();
beforeAll(async () => {
  tenants = await startTenants();
  const { stack } = tenants;
  for (const scope of new Set(narrow.map(({ scope }) => scope))) {
    const { key } = await api(stack).apiKeys.create({ name: scope, scopes: [scope] });
    callers.set(scope, { url: stack.url, apiKey: key });
  }
  return () => tenants.close();
});

test.each(cases)('$name over $transport shows nothing of others to a key of $scope', async ({ send, operation }) => {
  const { mine, sql } = tenants;
  const { name, scope, readScope } = operation;
  const smallest = inputWith(operation, kinds);
  const ids = new Map<Hole, string>();
  for (const hole of holesOf(smallest)) ids.set(hole, await samples[hole.kind]!.real(mine, operation));
  const accepted = await inputs[name]?.(mine, operation);
  await settled(sql, mine);
  const input = { ...(fill(smallest, ids) as object), ...accepted };

  const { status, text } = await send(callers.get(scope)!, operation, input);

  if (readScope !== undefined) {
    expect(status).toBe(403);
    expect(text).toContain(`This operation needs the scope ${readScope}.`);
  } else if (!(name in refused)) expect(status, text).toBeLessThan(300);
  expect(text.replaceAll(shows[name]?.text ?? CANARY, (shownText) => (name in shows ? '' : shownText))).not.toContain(
    CANARY,
  );
});
