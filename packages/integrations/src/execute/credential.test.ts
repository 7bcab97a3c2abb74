import { Secret, type ToolOutcome } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, type Calls, oauth, startCalls } from '../testing/fixtures/calls.ts';
import type { StubService } from '../testing/stub-service.ts';
import { claimOf, faultOfSignature } from '../testing/verify-aws.ts';
import { type CallAuth, callWithRenewal } from './credential.ts';

let calls: Calls;
let stub: Calls['stub'];
let otherStub: Calls['other'];
const secret = (text: string) => new Secret(text);
const call: Calls['call'] = (...args) => calls.call(...args);

beforeAll(async () => {
  calls = await startCalls();
  ({ stub, other: otherStub } = calls);
});
afterAll(() => calls.close());

describe('a call carries', () => {
  it.each(['OAUTH2', 'GOOGLE_SERVICE_ACCOUNT_OAUTH'] as const)(
    'the access token of %s, to its origin alone',
    async (type) => {
      const auth = { type, accessToken: oauth.accessToken };
      expect(await call('list', auth)).toMatchObject({ ok: true });
      expect(stub.hits.at(-1)?.headers.authorization).toBe('Bearer access-token-1');
      expect(stub.hits.at(-1)?.url).toBe('/v1/items');

      await call(
        'away',
        auth,
        {},
        { passThrough: { headers: { 'x-tenant': secret('tenant-77') }, query: { k: secret('key-88') } } },
      );
      expect(otherStub.hits.at(-1)?.url).toBe('/away');
      expect(JSON.stringify(otherStub.hits.at(-1))).not.toMatch(/access-token-1|tenant-77|key-88/);
      expect(await call('away', auth, {}, { status: 401 })).toMatchObject({ code: 'upstream_error' });
    },
  );

  it.each(['OAUTH2', 'CLIENT_CREDENTIALS'] as const)(
    'the access token of %s where the owner placed it, to its origin alone',
    async (type) => {
      for (const placement of [
        { in: 'header', name: 'X-Token', prefix: '' },
        { in: 'query', name: 'key' },
      ] as const) {
        const auth = { type, accessToken: oauth.accessToken, placement };
        expect(await call('list', auth)).toMatchObject({ ok: true });
        const hit = stub.hits.at(-1)!;
        expect(hit.headers.authorization).toBeUndefined();
        expect(placement.in === 'header' ? hit.headers['x-token'] : hit.url).toContain('access-token-1');
        await call('away', auth);
        expect(JSON.stringify(otherStub.hits.at(-1))).not.toContain('access-token-1');
        const passThrough = { headers: { 'X-Token': secret('passed-1') }, query: { key: secret('passed-1') } };
        await call('list', auth, {}, { passThrough });
        expect(JSON.stringify(stub.hits.at(-1))).not.toContain('access-token-1');
      }
    },
  );

  it('user and password in UTF-8, to its origin alone, and redacts the password', async () => {
    const auth = { type: 'BASIC', token: secret('ada:pässwörd:1') } as const;
    const encoded = Buffer.from('ada:pässwörd:1').toString('base64');
    const outcome = await call(
      'list',
      auth,
      {},
      { body: JSON.stringify({ was: encoded, and: 'pässwörd:1', by: 'ada' }) },
    );
    expect(stub.hits.at(-1)?.headers.authorization).toBe(`Basic ${encoded}`);
    expect(JSON.stringify(outcome)).not.toMatch(/pässwörd|YWRhOn/);
    expect(JSON.stringify(outcome)).toContain('"ada"');
    await call('away', auth);
    expect(otherStub.hits.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('a signature of AWS over method, query, headers and body', async () => {
    for (const [name, args] of [
      ['list', { query: { q: 'a b/ä+&' } }],
      ['add', { body: { text: 'ü' } }],
    ] as const) {
      expect(await call(name, aws, args, { passThrough: { headers: { 'x-amz-tag': secret('t1') } } })).toMatchObject({
        ok: true,
      });
      const hit = stub.hits.at(-1) as StubService['hits'][0];
      expect(faultOfSignature(hit, 'session-secret-key', new Date())).toBeUndefined();
      expect(faultOfSignature({ ...hit, body: `${hit.body}x` }, 'session-secret-key')).toBeDefined();
      expect(claimOf(hit)).toMatchObject({ keyId: 'ASIASESSIONSESSION12', service: 'execute-api' });
      expect(hit.headers['x-amz-security-token']).toBe('session-token-x');
    }
  });

  it.each([
    ['OAUTH2', { type: 'OAUTH2' }],
    ['AWS', { type: 'AWS_ASSUME_ROLE', region: 'r', service: 's' }],
  ] as const)('nothing of %s when there is nothing, and says so', async (_name, auth) => {
    expect(await call('list', auth, {}, { status: 401 })).toMatchObject({
      code: 'credential_missing',
      effectKnown: 'no',
    });
    expect(stub.hits.at(-1)?.headers.authorization).toBeUndefined();
  });
});

describe('a credential that the service refuses', () => {
  it.each<[string, CallAuth, number, string]>([
    ['OAuth, 401', oauth, 401, '{}'],
    ['Google, 401', { ...oauth, type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH' }, 401, '{}'],
    ['a token, 401', { type: 'API_TOKEN', token: secret('plain-token') }, 401, '{}'],
    ['AWS, 403', aws, 403, '{"__type":"ExpiredTokenException"}'],
    ['AWS, 400', aws, 400, '<Error><Code>ExpiredToken</Code></Error>'],
  ])('is distinguished: %s', async (_name, auth, status, text) => {
    const outcome = await call('add', auth, { body: {} }, { status, body: text });
    expect(outcome).toMatchObject({
      ok: false,
      code: 'credential_rejected',
      status,
      retryable: false,
      effectKnown: 'no',
    });
  });

  it.each<[string, CallAuth, number]>([
    ['a lack of scope', oauth, 403],
    ['AWS without a right', aws, 403],
    ['a token without a right', { type: 'API_TOKEN', token: secret('plain-token') }, 403],
  ])('is not %s', async (_name, auth, status) => {
    expect(await call('list', auth, {}, { status })).toMatchObject({ code: 'upstream_error', status });
  });

  it('is replaced, and the call made again, at most three times', async () => {
    const refused: [CallAuth, boolean][] = [];
    const run = (second: CallAuth | { outcome: ToolOutcome } | undefined, statuses: number[]) =>
      callWithRenewal<CallAuth>(
        async () => oauth,
        async (auth, _outcome, renewed) => {
          refused.push([auth, renewed]);
          return second;
        },
        (auth) => call('list', auth, {}, { status: statuses.shift() ?? 200 }),
      );
    const renewed = { type: 'OAUTH2', accessToken: secret('access-token-2') } as const;

    expect(await run(renewed, [401])).toMatchObject({ ok: true });
    expect(stub.hits.at(-1)?.headers.authorization).toBe('Bearer access-token-2');
    expect(refused).toEqual([[oauth, false]]);

    const before = stub.hits.length;
    expect(await run(renewed, [401, 401, 401, 200])).toMatchObject({ code: 'credential_rejected' });
    expect(stub.hits).toHaveLength(before + 3);
    expect(refused.at(-1)).toEqual([renewed, true]);
    expect(await run(undefined, [401, 200])).toMatchObject({ code: 'credential_rejected' });
    expect(stub.hits).toHaveLength(before + 4);

    const missing = {
      ok: false,
      code: 'credential_missing',
      message: 'm',
      retryable: false,
      effectKnown: 'no',
    } as const;
    expect(await run({ outcome: missing }, [401])).toBe(missing);
  });
});
