// Approval rules: which calls need no decision request, and which need one anyway.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { ended, type Office, payments, startOffice, startWaiting } from './fixtures/office.ts';
import type { Stack } from './fixtures/stack.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

let office: Office<Stack>;
let sql: pg.Pool;
beforeAll(async () => {
  office = await startOffice();
  sql = new pg.Pool({ connectionString: office.stack.databaseUrl, max: 1 });
  return async () => {
    await sql.end();
    await office.close();
  };
});

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const small = { type: 'object', properties: { body: { type: 'object', properties: { amount: { maximum: 100 } } } } };
const refused = (status: number, code: string, pointer?: string) =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({ code, ...(pointer && { errors: [expect.objectContaining({ pointer })] }) }),
  });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });
  /** The status of a run with this payment, once it waits or has ended. Cancels a waiting run. */
  const pay = async (amount: number, userId: string, who = api) => {
    const { runId } = await who.runs.create(payments(office, [amount], { userId }));
    const status = async () => (await who.runs.get({ runId })).status;
    await expect.poll(status, { timeout: 60_000, interval: 30 }).toMatch(/SUCCESS|PAUSED|FAILED/);
    const statuses = await status();
    if (statuses === 'PAUSED') await who.runs.cancel({ runId });
    return statuses;
  };
  const aRule = (userId: string, more = {}) =>
    api.approvalRules.create({ tool: `${office.id}.pay`, userId, argsSchema: small, expiresAt: inAnHour(), ...more });

  test('calls with matching arguments pass; others, and other users, need a decision', async () => {
    const userId = randomUUID();
    expect(await pay(50, userId)).toBe('PAUSED');
    const rule = await aRule(userId, { reason: 'Small amounts are fine.' });
    expect(rule).toMatchObject({ state: 'active', userId, reason: 'Small amounts are fine.', argsSchema: small });
    expect(await pay(50, userId)).toBe('SUCCESS');
    expect(await pay(500, userId)).toBe('PAUSED');
    expect(await pay(50, randomUUID())).toBe('PAUSED');
    expect(office.stack.log()).toContain(`"approvalRuleId":"${rule.approvalRuleId}"`);
    await api.approvalRules.revoke({ approvalRuleId: rule.approvalRuleId });
    for (const action of ['approval_rule.created', 'approval_rule.revoked'] as const) {
      const { entries } = await api.audit.list({ action });
      expect(entries.filter(({ target }) => target === rule.approvalRuleId)).toMatchObject([
        { actor: { type: 'api_key' }, details: { tool: `${office.id}.pay` } },
      ]);
    }
  });

  test('a rule without a user applies to all users, one without a schema to all arguments', async () => {
    const { approvalRuleId } = await api.approvalRules.create({ tool: `${office.id}.pay`, expiresAt: inAnHour() });
    expect(await pay(5000, randomUUID())).toBe('SUCCESS');
    await api.approvalRules.revoke({ approvalRuleId });
    expect(await pay(5000, randomUUID())).toBe('PAUSED');
  });

  test('a revoked rule, an expired rule and a rule for a changed tool allow nothing', async () => {
    const userId = randomUUID();
    const { approvalRuleId } = await aRule(userId);
    const stateNow = async () =>
      (await api.approvalRules.list({})).approvalRules.find((rule) => rule.approvalRuleId === approvalRuleId)!.state;
    const change = (text: string) =>
      sql.query(`UPDATE approval_rule SET ${text} WHERE approval_rule_id = $1`, [approvalRuleId]);
    const asks = () => expect.poll(() => pay(1, userId), { timeout: 10_000, interval: 200 }).toBe('PAUSED');
    expect(await pay(1, userId)).toBe('SUCCESS');

    await change(`tool_fingerprint = reverse(tool_fingerprint)`);
    await asks();
    expect(await stateNow()).toBe('tool_changed');
    await change(`tool_fingerprint = reverse(tool_fingerprint), expires_at = now() - interval '1 s'`);
    await asks();
    expect(await stateNow()).toBe('expired');
    await change(`expires_at = now() + interval '1 h'`);
    await expect.poll(() => pay(1, userId), { timeout: 10_000, interval: 200 }).toBe('SUCCESS');

    await api.approvalRules.revoke({ approvalRuleId });
    expect(await pay(1, userId)).toBe('PAUSED');
    expect(await stateNow()).toBe('revoked');
    await api.approvalRules.revoke({ approvalRuleId });
    const active = (await api.approvalRules.list({ active: true })).approvalRules;
    expect(active.map((rule) => rule.approvalRuleId)).not.toContain(approvalRuleId);
  });

  test('a tool that is registered again with another description is another tool', async () => {
    const userId = randomUUID();
    await aRule(userId);
    expect(await pay(2, userId)).toBe('SUCCESS');
    const change = async () => {
      await sql.query(`UPDATE tool SET fingerprint = reverse(fingerprint) WHERE name = $1`, [`${office.id}.pay`]);
      await sql.query('UPDATE integration SET tools_version = tools_version + 1');
    };
    await change();
    try {
      await expect.poll(() => pay(2, userId), { timeout: 10_000, interval: 200 }).toBe('PAUSED');
    } finally {
      await change();
    }
  });

  test('a rule is limited to its workspace', async () => {
    const theirs = apiOver(await office.stranger());
    const foreign = theirs.approvalRules.create({ tool: `${office.id}.pay`, expiresAt: inAnHour() });
    await expect(foreign).rejects.toEqual(refused(404, 'not_found'));
    const { approvalRuleId } = await aRule(randomUUID());
    await expect(theirs.approvalRules.revoke({ approvalRuleId })).rejects.toEqual(refused(404, 'not_found'));
    expect((await theirs.approvalRules.list({})).approvalRules).toEqual([]);
  });

  test('invalid rules are refused', async () => {
    const year = new Date(Date.now() + 400 * 86_400_000).toISOString();
    const past = new Date(Date.now() - 1000).toISOString();
    await expect(aRule('u', { expiresAt: year })).rejects.toEqual(refused(400, 'validation_failed', '/expiresAt'));
    await expect(aRule('u', { expiresAt: past })).rejects.toEqual(refused(400, 'validation_failed', '/expiresAt'));
    await expect(aRule('u', { expiresAt: undefined })).rejects.toEqual(refused(400, 'validation_failed', '/expiresAt'));
    const remote = { $ref: 'https://example.com/x.json' };
    await expect(aRule('u', { argsSchema: remote })).rejects.toEqual(refused(400, 'schema_not_supported'));
    await expect(aRule('u', { tool: `${office.id}.nothing` })).rejects.toEqual(refused(404, 'not_found'));
    const reader = apiOver(await office.callerWith('runs:read', 'runs:write'));
    await expect(reader.approvalRules.list({})).rejects.toEqual(refused(403, 'insufficient_scope'));
  });
});

test('a rule decides no request that is open already', async () => {
  const api = overRest(office.stack);
  const userId = randomUUID();
  const run = await startWaiting(api, payments(office, [3], { userId }));
  await api.approvalRules.create({ tool: `${office.id}.pay`, userId, expiresAt: inAnHour() });
  expect((await api.runs.get({ runId: run.runId })).status).toBe('PAUSED');
  await api.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'deny' });
  expect((await ended(api, run.runId)).status).toBe('CANCELED');
});
