import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut, whole } from './fixtures/builders.ts';
import { request } from './fixtures/request.ts';
import { type Caller, overRest, overTrpc } from './fixtures/transports.ts';
import { aMember, at, joined, type Member } from './people/members.ts';
import { casesOf, idsFor } from './tenancy/cases.ts';
import { allOperations, fill, holesOf, inputWith } from './tenancy/id-fields.ts';
import { type Answer, overConsole } from './tenancy/send.ts';
import { stateOf } from './tenancy/state.ts';
import { CANARY, secretsOf, settled, startTenants, telling, withoutIds } from './tenancy/tenants.ts';

let tenants: Awaited<ReturnType<typeof startTenants>>;
let reader: Caller;
beforeAll(async () => {
  tenants = await startTenants();
  const { stack, otherTenant } = tenants;
  const { key } = await overRest(otherTenant.caller).apiKeys.create({ name: 'reader', scopes: ['runs:read'] });
  reader = { url: stack.url, apiKey: key };
  return () => tenants.close();
});

/** No kind of id is known, so inputs consist of the contract's examples. */
const NO_KINDS = { schemas: new Set<string>(), fields: {}, none: {} };

/** An answer without the parts that belong to one request. */
const withoutRequest = ({ status, headers, text }: Answer) => ({
  status,
  headers: [...headers].filter(([name]) => !['date', 'x-request-id', 'ratelimit'].includes(name)),
  text: text.replaceAll(/"instance":"[^"]*"/g, ''),
});

// First, because later tests write the canary to both workspaces.
describe('a person of one workspace', () => {
  let ada: Member;
  /** A member of both workspaces, naming each. */
  let bea: { mine: Member; other: Member };
  beforeAll(async () => {
    const { stack, mine, otherTenant } = tenants;
    ada = await aMember(stack, 'Ada', 'admin', otherTenant.workspaceId);
    const member = await aMember(stack, 'Bea', 'admin', mine.workspaceId);
    bea = { mine: member, other: await joined(stack, member, otherTenant.workspaceId, 'admin') };
  });

  // Lists of the instance have cursors that its operators alone get; e2e/people/members.test.ts has the cursors of people.
  const cases = casesOf(
    allOperations.filter(
      ({ kind, callers = 'anyone' }) => kind === 'mutation' || ['anyone', 'people'].includes(callers),
    ),
  ).filter(({ operation, input }) => operation.http || holesOf(input).every((hole) => hole.kind !== 'cursor'));

  test('gets the same answers for foreign ids as for unknown ones, and changes nothing there', async () => {
    const { stack, mine, otherTenant, sql } = tenants;
    const sender = { url: stack.url, headers: ada.headers };
    const requests = [];
    for (const each of cases) requests.push({ ...each, ids: await idsFor(each, mine, otherTenant) });
    await settled(sql, mine);
    const before = await stateOf(sql, mine);
    for (const { title, operation, input, ids } of requests) {
      const answer = await overConsole(sender, operation, fill(input, ids.theirs));
      const same = await overConsole(sender, operation, fill(input, ids.noones));
      expect(withoutIds(answer, ids.theirs), title).toBe(withoutIds(same, ids.noones));
      expect(answer.status, title).toBeLessThan(500);
      for (const secret of secretsOf(mine, ids.theirs)) expect(answer.text, title).not.toContain(secret);
      if (operation.kind === 'mutation') await settled(sql, otherTenant);
    }
    expect(await stateOf(sql, mine)).toEqual(before);
    const tried = new Set(cases.map(({ operation }) => operation.name));
    for (const name of [
      'members.remove',
      'members.setRole',
      'members.revokeInvitation',
      'session.end',
      'workspaces.rename',
    ])
      expect(tried).toContain(name);
  });

  test('names a foreign workspace and gets the bytes that an unknown one gets, from every operation', async () => {
    const { stack, mine } = tenants;
    const answerOf = async (workspaceId: string, operation: (typeof allOperations)[number]) => {
      const { headers } = at(stack, ada, workspaceId);
      const answer = await overConsole({ url: stack.url, headers }, operation, inputWith(operation, NO_KINDS));
      return withoutRequest(answer);
    };
    for (const operation of allOperations) {
      const foreign = await answerOf(mine.workspaceId, operation);
      expect(foreign, operation.name).toEqual(await answerOf(randomUUID(), operation));
      expect(foreign.text).toContain('There is no such workspace, or you are not a member of it.');
    }
  });

  test('who joins a second one gets no stored answer of the first after a switch', async () => {
    const { stack } = tenants;
    const readers = allOperations.filter(
      (operation) =>
        operation.kind === 'query' &&
        operation.isValid({}) &&
        operation.callers === undefined &&
        !operation.name.startsWith('catalog.'),
    );
    expect(readers.length).toBeGreaterThan(8);
    for (const operation of readers) {
      const ask = (member: Member, more: object = {}) =>
        overConsole(
          { url: stack.url, headers: { ...member.headers, ...more } },
          operation,
          telling[operation.name] ?? {},
        );
      const first = await ask(bea.mine);
      expect(first.text, operation.name).toContain(CANARY);
      expect(first.headers.get('cache-control')).toBe('no-store');
      const conditions = {
        'if-none-match': first.headers.get('etag') ?? '*',
        'if-modified-since': new Date().toUTCString(),
      };
      // Both at once, as in two tabs.
      const [second, again] = await Promise.all([ask(bea.other, conditions), ask(bea.mine)]);
      expect([second.status, again.status], operation.name).toEqual([200, 200]);
      expect(second.text, operation.name).not.toContain(CANARY);
      expect(again.text, operation.name).toContain(CANARY);
    }
  });
});

test('a repeat key never repeats a run of another workspace', async () => {
  const { mine, otherTenant } = tenants;
  const { runs } = await overTrpc(otherTenant.caller).runs.list({ repeatKey: CANARY });
  expect(runs.map(({ runId }) => runId)).not.toContain(mine.runId);
  const same = aRun({ intent: `List all users, ${CANARY}`, userId: CANARY, repeatKey: CANARY, prefer: 'wait=20' });
  const repeated = whole(await overTrpc(mine.caller).runs.create(same));
  expect(repeated.repeatRunId).toBeDefined();
  const api = overTrpc(otherTenant.caller);
  const [crm] = (await api.integrations.list({})).integrations;
  const plan = aPlan(`${crm!.customerIntegrationId}.listUsers`);
  const created = whole(await api.runs.create({ ...same, plan }));
  expect([created.status, created.repeatRunId ?? created.runId]).toEqual([
    'SUCCESS',
    expect.not.stringMatching(mine.runId),
  ]);
});

test('an Idempotency-Key never gives an answer of another workspace', async () => {
  const { mine, otherTenant } = tenants;
  const run = aRun({ idempotencyKey: crypto.randomUUID() });
  const created = await overTrpc(mine.caller).runs.create(run);
  const ownRun = await overTrpc(otherTenant.caller).runs.create(run);
  expect(ownRun.runId).not.toBe(created.runId);
  expect(await overTrpc(mine.caller).runs.create(run)).toEqual(created);
});

test('a key without the scope may not', async () => {
  const api = overTrpc(reader);
  expect((await api.integrations.list({})).integrations).toHaveLength(2);
  const { runId, crm } = tenants.otherTenant;
  const refused = { status: 403, problem: { code: 'insufficient_scope' } };
  await expect(api.runs.create(aRun())).rejects.toMatchObject(refused);
  await expect(api.feedback.put({ runId, rating: 'positive' })).rejects.toMatchObject(refused);
  await expect(api.integrations.delete({ customerIntegrationId: crm })).rejects.toMatchObject(refused);
});

test('a cursor of one workspace opens no page of another', async () => {
  const { mine, otherTenant } = tenants;
  const api = overRest(mine.caller);
  await carryOut(api, aRun());
  const { pagination } = await api.runs.list({ pageSize: 1 });
  const answer = await request(otherTenant.caller, `/v1/runs?pageSize=1&cursor=${pagination.nextCursor}`);
  expect([answer.status, answer.problem.code]).toEqual([400, 'invalid_cursor']);
});
