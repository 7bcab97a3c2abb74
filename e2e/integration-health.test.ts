// The health of integrations, the use of their tools, and a new secret.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { ended } from './fixtures/office.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, transports } from './fixtures/transports.ts';

let stub: Stub;
let stack: Stack;
beforeAll(async () => {
  stub = await startStub({
    look: { answer: (response) => json(response, { word: 'seen' }) },
    fail: { answer: (response) => json(response, { error: 'no' }, 422) },
  });
  stack = await startStack({ seed: false, allow: [stub.origin] });
});
afterAll(async () => {
  await stack.close();
  await stub.close();
});

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(stack);
  });
  const register = (auth: Parameters<Api['integrations']['create']>[0]['auth'], enable: 'all' | string[] = 'all') =>
    api.integrations.create({ name: 'Office', document: stub.document, enable, auth });

  test('calls and errors are counted by integration and by tool, with their duration', async () => {
    const { customerIntegrationId: id } = await register({ type: 'NONE' });
    for (const operation of ['look', 'look', 'fail']) {
      const plan = { goal: 'Look', steps: [{ id: 'a', tool: `${id}.${operation}`, args: {} }] };
      await ended(api, (await api.runs.create(aRun({ plan }))).runId);
    }
    const { integrations } = await api.integrations.health({ customerIntegrationIds: [id, 'none_1a2b3c4d'] });
    expect(integrations).toMatchObject([
      { customerIntegrationId: id, name: 'Office', faults: [], usersConnected: 0, recent: { calls: 3, errors: 1 } },
    ]);
    const { tools } = await api.integrations.toolUsage({ customerIntegrationId: id });
    const counts = { p50Ms: expect.any(Number), p95Ms: expect.any(Number) };
    expect(tools).toEqual([
      { name: `${id}.look`, runs: 2, calls: 2, errors: 0, ...counts },
      { name: `${id}.fail`, runs: 1, calls: 1, errors: 1, ...counts },
    ]);
    await expect(api.integrations.toolUsage({ customerIntegrationId: 'none_1a2b3c4d' })).rejects.toMatchObject({
      status: 404,
    });
  });

  test('a new secret keeps the other settings', async () => {
    const auth = { type: 'API_TOKEN', in: 'header', name: 'x-key', prefix: 'Key ', token: 'old-secret' } as const;
    const { customerIntegrationId, token } = await register(auth, ['look']);
    const sentBy = async () => {
      expect(await api.integrations.try({ customerIntegrationId })).toMatchObject({ result: 'accepted' });
      return stub.hits.at(-1)!.headers['x-key'];
    };
    expect(await sentBy()).toBe('Key old-secret');
    const patched = await api.integrations.patch({
      customerIntegrationId,
      credential: { secret: 'the-new-secret-of-the-office' },
    });
    expect(patched.auth).toEqual({ type: 'API_TOKEN', in: 'header', name: 'x-key' });
    expect(patched.token).toMatchObject({ last4: 'fice', needsReconnect: false });
    expect(patched.token!.fingerprint).not.toBe(token!.fingerprint);
    expect(await sentBy()).toBe('Key the-new-secret-of-the-office');
  });

  test.each([
    ['without a type', { type: 'NONE' }, { secret: 'x' }, '/credential/secret'],
    ['of two lines', { type: 'API_TOKEN', token: 'x' }, { secret: 'a\nb' }, '/credential/secret'],
    ['with a user of a token', { type: 'API_TOKEN', token: 'x' }, { secret: 'a', user: 'u' }, '/credential/user'],
    ['without the user name', { type: 'BASIC', user: 'u', password: 'p' }, { secret: 'a' }, '/credential/user'],
  ] as const)('a secret %s is refused', async (_, auth, credential, pointer) => {
    const { customerIntegrationId } = await register(auth);
    await expect(api.integrations.patch({ customerIntegrationId, credential })).rejects.toMatchObject({
      status: 400,
      problem: { errors: [expect.objectContaining({ pointer })] },
    });
  });

  test('a secret and other settings of auth exclude each other', async () => {
    const { customerIntegrationId } = await register({ type: 'API_TOKEN', token: 'x' });
    const patch = { customerIntegrationId, credential: { secret: 'y' }, auth: { type: 'NONE' } } as const;
    await expect(api.integrations.patch(patch)).rejects.toMatchObject({ status: 400 });
  });
});
