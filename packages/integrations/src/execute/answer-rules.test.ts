import { type DescribedTool, type Rules, Secret } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { importOpenApi } from '../openapi/import-openapi.ts';
import { importedTools } from '../testing/fixtures/imported-tools.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { callTool } from './call-tool.ts';

const TOKEN = 'tok/ABC+def-4711';
let stub: StubService;
let egress: Egress;
let tools: Map<string, DescribedTool>;
type Reply = { status?: number; headers?: Record<string, string>; body?: unknown };
let reply: Reply = {};

beforeAll(async () => {
  stub = await startStubService((_request, response) => {
    const { status = 200, headers, body = {} } = reply;
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
  const imported = await importOpenApi({
    egress,
    customerIntegrationId: 'chat',
    document: {
      openapi: '3.0.3',
      info: { title: 'Chat', version: '1' },
      servers: [{ url: stub.origin }],
      components: { securitySchemes: { b: { type: 'http', scheme: 'bearer' } } },
      paths: {
        '/read': { get: { operationId: 'conversations.list', responses: {} } },
        '/post': { post: { operationId: 'post', responses: {} } },
      },
    },
  });
  tools = importedTools(imported, 'chat');
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});

function call(operation: 'post' | 'conversations_list', rules: Rules, answer: Reply, maxBytes?: number) {
  reply = answer;
  const auth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', token: new Secret(TOKEN) } as const;
  const target = { baseUrl: stub.origin, credentialOrigin: stub.origin, auth, egress };
  return callTool(tools.get(operation)!, {}, { ...target, rules, ...(maxBytes && { maxBytes }) });
}

const answers = {
  okPath: 'ok',
  errorPath: 'error',
  authErrors: ['invalid_auth', 'token_revoked'],
  limitErrors: ['ratelimited'],
};

describe('a body that tells success', () => {
  it('makes a refused write fail without an effect, though the status is 200', async () => {
    expect(await call('post', { answers }, { body: { ok: false, error: 'channel_not_found' } })).toEqual({
      ok: false,
      code: 'upstream_error',
      message: 'The service refused the call: channel_not_found.',
      status: 200,
      retryable: false,
      effectKnown: 'no',
      output: { ok: false, error: 'channel_not_found' },
    });
  });

  it('lets a success pass, also with a word at the errorPath', async () => {
    const body = { ok: true, error: 'none', ts: 1 };
    expect(await call('post', { answers }, { body })).toMatchObject({ ok: true, output: body });
  });

  it('counts a refused credential as status 401 does, with any status', async () => {
    for (const status of [200, 400]) {
      const outcome = await call('post', { answers }, { status, body: { ok: false, error: 'Invalid_Auth' } });
      expect(outcome).toMatchObject({ code: 'credential_rejected', retryable: false, effectKnown: 'no', status });
    }
  });

  it('counts a limit as retryable, with the pause of the headers', async () => {
    for (const status of [200, 503]) {
      const limited = { status, headers: { 'retry-after': '7' }, body: { ok: false, error: 'ratelimited' } };
      expect(await call('post', { answers }, limited)).toMatchObject({
        code: 'upstream_error',
        limited: true,
        retryable: true,
        effectKnown: 'no',
        retryAfterMs: 7_000,
      });
    }
  });

  it('redacts the credential in the word', async () => {
    const outcome = await call('post', { answers }, { body: { ok: false, error: `bad ${TOKEN}` } });
    expect(JSON.stringify(outcome)).not.toContain(TOKEN);
    expect(outcome).toMatchObject({ message: 'The service refused the call: bad [secret].' });
  });

  it.each<[string, Rules['answers'], unknown, 'ok' | 'no' | 'unknown']>([
    ['a value of success', { okPath: 'code', okValue: 0 }, { code: 0 }, 'ok'],
    ['another value', { okPath: 'code', okValue: 0 }, { code: 7 }, 'no'],
    ['null', { okPath: 'data.user' }, { data: { user: null } }, 'no'],
    ['a text', { okPath: 'status' }, { status: 'queued' }, 'ok'],
    ['no such member', { okPath: 'ok' }, { ts: 1 }, 'ok'],
    ['no such member, but an error', { okPath: 'ok', errorPath: 'error' }, { error: 'x' }, 'no'],
    ['an error alone', { errorPath: 'errors' }, { errors: [{ message: 'x' }] }, 'unknown'],
    ['an empty list of errors', { errorPath: 'errors' }, { errors: [], data: {} }, 'ok'],
    [
      'a known refusal',
      { errorPath: 'errors.0.code', noEffectErrors: ['DENIED'] },
      { errors: [{ code: 'DENIED' }] },
      'no',
    ],
    [
      'another refusal',
      { okPath: 'ok', errorPath: 'error', noEffectErrors: ['denied'] },
      { ok: false, error: 'x' },
      'unknown',
    ],
    ['a list where the path has a name', { okPath: 'ok' }, [{ ok: false }], 'ok'],
    ['an inherited member', { okPath: 'constructor.name', okValue: 'x' }, {}, 'ok'],
  ])('judges a write by %s', async (_case, rules, body, expected) => {
    const outcome = await call('post', { answers: rules }, { body });
    expect(outcome.ok ? 'ok' : outcome.effectKnown).toBe(expected);
  });

  it.each<[string, Reply]>([
    ['cut', { body: { ok: false, error: 'x'.repeat(200) } }],
    ['no JSON', { body: '{"ok":fal' }],
  ])('leaves the effect of a write unknown when the body is %s', async (_case, answer) => {
    expect(await call('post', { answers }, answer, 100)).toMatchObject({ ok: false, effectKnown: 'unknown' });
    expect(await call('post', {}, answer, 100)).toMatchObject({ ok: true });
    expect(await call('conversations_list', { answers }, answer, 100)).toMatchObject({ ok: false, effectKnown: 'no' });
  });
});

describe('limits', () => {
  it('are told by headers that rules name, which other answers drop', async () => {
    const limits = { statuses: [403], remaining: 'X-Left', reset: 'X-Reset', resetUnit: 'ms' as const };
    const limited = { status: 403, headers: { 'x-left': '0', 'x-reset': '4500' } };
    expect(await call('post', { limits }, limited)).toMatchObject({
      limited: true,
      retryable: true,
      effectKnown: 'no',
      retryAfterMs: 4_500,
      message: 'The service limits requests (status 403).',
    });
    expect(await call('post', {}, limited)).toMatchObject({ retryable: false });
  });

  it('do not make a server error wait for the reset that every answer states', async () => {
    const headers = { 'x-ratelimit-reset': '3000' };
    expect(await call('conversations_list', {}, { status: 500, headers })).not.toHaveProperty(
      'retryAfterMs',
      3_000_000,
    );
    expect(await call('conversations_list', {}, { status: 429, headers })).toMatchObject({ retryAfterMs: 3_000_000 });
  });
});

describe('a link in the body', () => {
  const pages = { 'conversations.list': { linkIn: 'meta.next' }, '*': { linkIn: 'next' } };
  it.each<[string, unknown, Record<string, string> | undefined]>([
    ['an absolute URL', { meta: { next: 'https://x.example/read?page=2&per=50' } }, { page: '2', per: '50' }],
    ['a path', { meta: { next: '/read?cursor=a%2Cb' } }, { cursor: 'a,b' }],
    ['a secret', { meta: { next: `/?t=${encodeURIComponent(TOKEN)}` } }, { t: '[secret]' }],
    ['null at the end', { meta: { next: null } }, undefined],
    ['no parameters', { meta: { next: '/read' } }, undefined],
    ['no URL', { meta: { next: 'http://[' } }, undefined],
    ['a member of other operations', { next: '/read?page=2' }, undefined],
  ])('gives its parameters: %s', async (_case, body, link) => {
    const outcome = await call('conversations_list', { pages }, { body });
    expect(outcome).toMatchObject({
      ok: true,
      output: JSON.parse(JSON.stringify(body).replace(encodeURIComponent(TOKEN), '[secret]')),
    });
    expect(outcome.ok && outcome.link).toEqual(link);
  });

  it('comes after one in a header, and by * for other operations', async () => {
    const headers = { link: '</?page=7>; rel="next"' };
    expect(
      await call('conversations_list', { pages }, { headers, body: { meta: { next: '/?page=2' } } }),
    ).toMatchObject({ link: { page: '7' } });
    expect(await call('post', { pages }, { body: { next: '/?page=3' } })).toMatchObject({ link: { page: '3' } });
  });
});
