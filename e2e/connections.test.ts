// The connections of users: by integration, by user, with the state of their credentials; and the approval rules of a user.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

let stack: Stack;
let sql: pg.Pool;
let customerIntegrationId: string;
beforeAll(async () => {
  stack = await startStack();
  sql = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const [crm] = (await overRest(stack).integrations.list({})).integrations;
  customerIntegrationId = crm!.customerIntegrationId;
  return async () => {
    await sql.end();
    await stack.close();
  };
});

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(async () => {
    api = apiOver(stack);
    await sql.query('DELETE FROM integration_user');
  });
  /** A user with a token, which the service has rejected or not. */
  const connect = async (userId: string, state?: 'rejected' | 'moved') => {
    await api.integrations.putCredentials({ customerIntegrationId, userId, apiToken: stack.crm.token });
    if (state === 'rejected')
      await sql.query('UPDATE integration_user SET token_rejected_at = now() WHERE user_id = $1', [userId]);
    if (state === 'moved')
      await sql.query(`UPDATE integration_user SET token_destination = 'https://old.example.com' WHERE user_id = $1`, [
        userId,
      ]);
  };

  test('a list of integrations has the state of the credential of a user; users are found by a prefix of their ids', async () => {
    await connect('state-1');
    await connect('state-2', 'rejected');
    const stateOf = async (userId?: string) => {
      const listed = (await api.integrations.list({ ...(userId !== undefined && { userId }) })).integrations;
      return listed.find((integration) => integration.customerIntegrationId === customerIntegrationId)!.user;
    };
    expect(await stateOf('state-1')).toMatchObject({ active: true, needsReconnect: false });
    expect(await stateOf('state-2')).toMatchObject({ needsReconnect: true, reconnectReason: 'rejected' });
    expect(await stateOf('state-3')).toBeUndefined();
    expect(await stateOf()).toBeUndefined();
    const idsOf = async (input: object) => (await api.users.list(input)).users.map(({ userId }) => userId);
    expect(await idsOf({ q: 'state-' })).toEqual(['state-1', 'state-2']);
    expect(await idsOf({ q: 'State-' })).toEqual([]);
    expect(await idsOf({ q: 'state-%' })).toEqual([]);
    await sql.query('DELETE FROM integration_user');
  });

  test('the users of an integration are listed by the state of their credentials, page by page', async () => {
    await connect('a');
    await connect('b', 'rejected');
    await connect('c', 'moved');
    await connect('d');
    await api.integrations.authUrl({ customerIntegrationId, userId: 'e' });
    await connect('f');
    await api.integrations.deleteCredentials({ customerIntegrationId, userId: 'f' });
    const idsOf = async (input: object) =>
      (await api.integrations.users({ customerIntegrationId, ...input })).users.map(({ userId }) => userId);
    expect(await idsOf({})).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await idsOf({ state: 'connected' })).toEqual(['a', 'd']);
    expect(await idsOf({ state: 'needs_reconnect' })).toEqual(['b', 'c']);
    expect(await idsOf({ state: 'not_connected' })).toEqual(['e', 'f']);

    const first = await api.integrations.users({ customerIntegrationId, state: 'connected', pageSize: 1 });
    expect(first.users).toMatchObject([{ userId: 'a', active: true, needsReconnect: false }]);
    expect(first.users).toEqual([await api.integrations.getUser({ customerIntegrationId, userId: 'a' })]);
    const next = { customerIntegrationId, state: 'connected', pageSize: 1, cursor: first.nextCursor! } as const;
    const second = await api.integrations.users(next);
    expect(second.users).toMatchObject([{ userId: 'd' }]);
    expect(second.nextCursor).toBeUndefined();
    await expect(api.integrations.users({ ...next, cursor: '.' })).rejects.toMatchObject({
      problem: { code: 'invalid_cursor' },
    });
    await expect(api.integrations.users({ customerIntegrationId: 'crm_00000000' })).rejects.toMatchObject({
      problem: { code: 'not_found' },
    });
  });

  test('a user shows the state of each connection', async () => {
    const userId = randomUUID();
    const connection = async () => (await api.users.get({ userId })).connections[0];
    await api.integrations.authUrl({ customerIntegrationId, userId });
    expect(await connection()).not.toHaveProperty('needsReconnect');
    await connect(userId);
    expect(await connection()).toMatchObject({ customerIntegrationId, active: true, needsReconnect: false });
    await connect(userId, 'rejected');
    expect(await connection()).toMatchObject({ active: false, needsReconnect: true, reconnectReason: 'rejected' });
    const { users } = await api.users.list({ pageSize: 100 });
    expect(users.find((user) => user.userId === userId)?.connections).toEqual([await connection()]);
    await sql.query(`UPDATE integration SET auth = '{"type": "OAUTH2"}' WHERE customer_integration_id = $1`, [
      customerIntegrationId,
    ]);
    await sql.query(
      `UPDATE integration_user SET sealed_grant = 'x', grant_destination = 'elsewhere', scope = 'deals.read' WHERE user_id = $1`,
      [userId],
    );
    const moved = { active: false, needsReconnect: true, reconnectReason: 'origin_changed', scope: 'deals.read' };
    expect(await connection()).toMatchObject(moved);
    const page = await api.integrations.users({ customerIntegrationId, state: 'needs_reconnect' });
    expect(page.users).toMatchObject([{ userId, reconnectReason: 'origin_changed' }]);
    await sql.query(`UPDATE integration SET auth = '{"type": "API_TOKEN"}' WHERE customer_integration_id = $1`, [
      customerIntegrationId,
    ]);
  });

  test('approval rules are listed by user and tool, page by page', async () => {
    const [userId, other] = [randomUUID(), randomUUID()];
    const tool = `${customerIntegrationId}.createActivity`;
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const rule = async (more: object) => (await api.approvalRules.create({ tool, expiresAt, ...more })).approvalRuleId;
    const [first, second] = [await rule({ userId }), await rule({ userId })];
    const otherTool = await rule({ userId, tool: `${customerIntegrationId}.createDeal` });
    await rule({ userId: other });
    await api.approvalRules.revoke({ approvalRuleId: await rule({ userId }) });
    const idsOf = async (input: object) =>
      (await api.approvalRules.list(input)).approvalRules.map(({ approvalRuleId }) => approvalRuleId);
    expect(await idsOf({ userId, active: true })).toEqual([otherTool, second, first]);
    expect(await idsOf({ userId, tool, active: true })).toEqual([second, first]);
    const filters = { userId, tool, active: true, pageSize: 1 };
    const { approvalRules, nextCursor: cursor } = await api.approvalRules.list(filters);
    expect(approvalRules.map(({ approvalRuleId }) => approvalRuleId)).toEqual([second]);
    expect(await idsOf({ ...filters, cursor })).toEqual([first]);
    await expect(api.approvalRules.list({ ...filters, userId: other, cursor })).rejects.toMatchObject({
      problem: { code: 'invalid_cursor' },
    });
    expect(await idsOf({ userId, active: false })).toHaveLength(1);
    expect(await idsOf({ userId: randomUUID() })).toEqual([]);
    const [listed] = (await api.approvalRules.list({ userId, tool, active: true })).approvalRules;
    expect(listed).toMatchObject({ state: 'active', tool, userId, expiresAt });
  });
});
