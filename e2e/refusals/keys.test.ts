// Invalid keys get the same answer, whatever is wrong with them; and modified credentials.
import { openDatabase } from '@errand/db';
import { loginsOf } from '@errand/db/testing';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { json, type Stub, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let stack: Stack;
let stub: Stub;
let api: Api;
let sql: pg.Client;
beforeAll(async () => {
  stub = await startStub({ look: { answer: (response) => json(response, { fine: true }) } });
  stack = await startStack({ seed: false, allow: [stub.origin] });
  api = overRest(stack);
  sql = new pg.Client({ connectionString: stack.databaseUrl });
  await sql.connect();
  return async () => {
    await sql.end();
    await Promise.all([stack.close(), stub.close()]);
  };
});

/** A key that was never used, so that no process has cached it. */
const aKey = () => api.apiKeys.create({ name: 'one', scopes: ['runs:read'] });

describe('a key', () => {
  const bad: [string, () => Promise<string>][] = [
    ['with a wrong checksum', async () => (await aKey()).key.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))],
    ['with another letter', async () => (await aKey()).key.replace(/(?<=^er_live_)./, (c) => (c === 'x' ? 'y' : 'x'))],
    [
      'that is unknown',
      async () => {
        const { key, apiKeyId } = await aKey();
        await sql.query('DELETE FROM api_key WHERE api_key_id = $1', [apiKeyId]);
        return key;
      },
    ],
    [
      'that is revoked',
      async () => {
        const { key, apiKeyId } = await aKey();
        await api.apiKeys.revoke({ apiKeyId });
        return key;
      },
    ],
    [
      'that has expired',
      async () => {
        const { key, apiKeyId } = await aKey();
        await sql.query(`UPDATE api_key SET expires_at = now() - interval '1 s' WHERE api_key_id = $1`, [apiKeyId]);
        return key;
      },
    ],
  ];

  test('that is valid is accepted', async () => {
    expect((await request({ ...stack, apiKey: (await aKey()).key }, '/v1/runs')).status).toBe(200);
  });

  test('is refused with the same text, whatever is wrong with it', async () => {
    const bodies = new Set<string>();
    for (const [title, make] of bad) {
      const apiKey = await make();
      for (const path of ['/v1/runs', `/v1/runs/${crypto.randomUUID()}/sse`]) {
        const { status, problem, headers, text } = await request({ ...stack, apiKey }, path);
        expect([status, problem.code], title).toEqual([401, 'unauthenticated']);
        expect(headers.get('www-authenticate'), title).toMatch(/^Bearer/);
        bodies.add(JSON.stringify({ ...JSON.parse(text), instance: '' }));
      }
    }
    expect([...bodies]).toHaveLength(1);
  });

  test('without the scope gets the name of the scope', async () => {
    const caller = { ...stack, apiKey: (await aKey()).key };
    const { status, problem } = await request(caller, '/v1/runs', { body: aRun() });
    expect([status, problem.code]).toEqual([403, 'insufficient_scope']);
    expect(problem.detail).toContain('runs:write');
  });

  test('beside another one is refused', async () => {
    const headers = { authorization: `Bearer ${(await aKey()).key}` };
    expect(await request(stack, '/v1/runs', { headers })).toMatchObject({
      status: 400,
      problem: { code: 'validation_failed' },
    });
  });
});

describe('a credential', () => {
  const register = async (name: string) => {
    const auth = { type: 'API_TOKEN', token: `token-of-${name}` } as const;
    const integration = await api.integrations.create({ name, kind: 'openapi', document: stub.document, auth });
    return integration.customerIntegrationId;
  };
  const callOnce = async (id: string) => (await carryOut(api, aRun({ plan: aPlan(`${id}.look`) }))).run;
  const seal = (id: string, value: string) =>
    sql.query(`UPDATE integration SET sealed_token = ${value} WHERE customer_integration_id = $1`, [id]);

  test.each([
    ['from another integration', `(SELECT sealed_token FROM integration WHERE name = 'other')`],
    [
      'with one bit changed',
      `set_bit(sealed_token, 8 * length(sealed_token) - 1, 1 - get_bit(sealed_token, 8 * length(sealed_token) - 1))`,
    ],
    ['under a key that there is not', `overlay(sealed_token placing 'z'::bytea from 3 for 1)`],
    ['that is cut', 'substring(sealed_token from 1 for 20)'],
  ])('%s is not used, and others are', async (_, value) => {
    const [victim, otherId] = [await register('victim'), await register('other')];
    await seal(victim, value);
    const before = stub.hits.length;

    expect(await callOnce(victim)).toMatchObject({ status: 'FAILED', error: { code: 'credential_unavailable' } });
    expect(stub.hits).toHaveLength(before);
    expect(await callOnce(otherId)).toMatchObject({ status: 'SUCCESS' });
    expect(stub.hits.at(-1)!.headers.authorization).toBe('Bearer token-of-other');
    for (const customerIntegrationId of [victim, otherId]) await api.integrations.delete({ customerIntegrationId });
  });

  test('is never read back', async () => {
    const id = await register('secretive');
    await api.integrations.putCredentials({ customerIntegrationId: id, userId: 'ann', apiToken: 'token-of-ann-1' });
    const answers = [
      await request(stack, '/v1/integrations'),
      await request(stack, `/v1/integrations/${id}`),
      await request(stack, `/v1/integrations/${id}/tools`),
      await request(stack, `/v1/integrations/${id}/users/ann`),
      await request(stack, '/v1/users/ann'),
      await request(stack, '/v1/audit'),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const { text } of answers) expect(text).not.toMatch(/token-of-(secretive|ann)/);
    expect(answers[1]!.text).toContain('"last4":"tive"');
    const db = openDatabase({
      ...loginsOf(stack.databaseUrl),
      masterKeys: [`k1:${Buffer.alloc(32, 9).toString('base64')}`],
    });
    await expect(db.ready()).rejects.toThrow();
    await db.close();
  });
});
