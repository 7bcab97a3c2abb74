import { type DescribedTool, Secret } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress } from '../egress/egress.ts';
import { aws, type Calls, oauth, startCalls } from '../testing/fixtures/calls.ts';
import { callTool } from './call-tool.ts';
import type { CallAuth } from './credential.ts';
import { faultsOfPassThrough, type PassThrough } from './pass-through.ts';

let calls: Calls;
let stub: Calls['stub'];
let otherStub: Calls['other'];
const secret = (text: string) => new Secret(text);
const call = (name: string, auth: CallAuth, args: object, more: Parameters<Calls['call']>[3]) =>
  calls.call(name, auth, args, more);

beforeAll(async () => {
  calls = await startCalls();
  ({ stub, other: otherStub } = calls);
});
afterAll(() => calls.close());

describe('what is passed through', () => {
  it('reaches the service beside the arguments, and is redacted in the answer', async () => {
    const passThrough = { headers: { 'X-Tenant': secret('tenant-77') }, query: { k: secret('key&88') } };
    const echo = JSON.stringify({ seen: 'tenant-77 and key&88', nested: [encodeURIComponent('key&88')] });
    const outcome = await call('list', oauth, { query: { q: 'planned' } }, { body: echo, passThrough });

    expect(stub.hits.at(-1)?.headers['x-tenant']).toBe('tenant-77');
    expect(stub.hits.at(-1)?.url).toBe('/v1/items?q=planned&k=key%2688');
    expect(outcome).toMatchObject({ ok: true, output: { seen: '[secret] and [secret]', nested: ['[secret]'] } });
  });

  const token = (place: 'header' | 'query', name: string): CallAuth => ({
    type: 'API_TOKEN',
    in: place,
    name,
    token: secret('own-token'),
  });
  it.for<[string, CallAuth, 'headers' | 'query', string, string]>([
    ['steers the connection', oauth, 'headers', 'Host', 'v4lue'],
    ['frames the body', oauth, 'headers', 'content-length', '4711'],
    ['is a cookie', oauth, 'headers', 'Cookie', 'v4lue'],
    ['is for a proxy', oauth, 'headers', 'Proxy-Authorization', 'v4lue'],
    ['says another type of body', oauth, 'headers', 'Content-Type', 'v4lue'],
    ['makes another attempt of it', oauth, 'headers', 'Idempotency-Key', 'v4lue'],
    ['takes another method', oauth, 'headers', 'X-HTTP-Method-Override', 'DELETE-v4lue'],
    ['takes another method by the query', oauth, 'query', '_method', 'DELETE-v4lue'],
    ['takes another path', oauth, 'headers', 'X-Original-URL', '/v4lue'],
    ['replaces a credential by nothing', oauth, 'headers', 'AUTHORIZATION', ' '],
    ['replaces the token of the query by nothing', token('query', 'key'), 'query', 'key', ''],
    ['replaces the signature of AWS', aws, 'headers', 'Authorization', 'v4lue'],
    ['replaces the date of a signature', aws, 'headers', 'X-Amz-Date', 'v4lue'],
    ['adds a signature of AWS', aws, 'query', 'X-Amz-Signature', 'v4lue'],
    ['breaks out of its line', oauth, 'headers', 'x-a', 'v4lue\r\nx-b: c'],
    ['holds what no header can', oauth, 'headers', 'x-a', 'v4lue\u2028'],
    ['breaks out by its name', oauth, 'headers', 'x-a: b\r\nx-c', 'v4lue'],
    ['has no name', oauth, 'headers', '', 'v4lue'],
    ['breaks a line in the query', oauth, 'query', 'a', 'v4lue\nb'],
  ])('and %s is refused before anything is sent, without its value', async ([_name, auth, part, name, value]) => {
    const before = stub.hits.length;
    const passThrough = { [part]: { [name]: secret(value) } };
    const outcome = await call('list', auth, {}, { passThrough });
    expect(outcome).toMatchObject({ ok: false, code: 'tool_args_invalid', retryable: false, effectKnown: 'no' });
    expect(JSON.stringify(outcome)).toContain(`passThrough.${part}`);
    expect(JSON.stringify(outcome)).not.toMatch(/v4lue|4711|own-token|access-token/);
    expect(stub.hits).toHaveLength(before);
    expect(faultsOfPassThrough(passThrough, auth)).toHaveLength(1);
  });

  it('names no header twice', () => {
    const headers = { Authorization: secret('Bearer v4lue-1'), authorization: secret('Bearer v4lue-2') };
    expect(faultsOfPassThrough({ headers }, oauth)).toEqual([
      { part: 'headers', message: '"authorization" is named twice.' },
    ]);
  });

  const ownToken = secret('Bearer of-the-caller');
  it.each<[string, CallAuth, PassThrough, { authorization?: string; 'x-api-key'?: string; url: string }]>([
    [
      'an access token',
      oauth,
      { headers: { AUTHORIZATION: ownToken } },
      { authorization: 'Bearer of-the-caller', url: '/v1/items' },
    ],
    [
      'a missing one',
      { type: 'OAUTH2' },
      { headers: { Authorization: ownToken } },
      { authorization: 'Bearer of-the-caller', url: '/v1/items' },
    ],
    [
      'a token',
      { type: 'API_TOKEN', prefix: 'Bearer', token: secret('own-token') },
      { headers: { Authorization: ownToken } },
      { authorization: 'Bearer of-the-caller', url: '/v1/items' },
    ],
    [
      'a token in a header',
      token('header', 'X-Api-Key'),
      { headers: { 'x-api-key': ownToken } },
      { 'x-api-key': 'Bearer of-the-caller', url: '/v1/items' },
    ],
    [
      'a token in the query',
      token('query', 'key'),
      { query: { key: ownToken } },
      { url: '/v1/items?key=Bearer%20of-the-caller' },
    ],
  ])('stands in for %s when it fills its place; 401 and 403 refuse it', async (_name, auth, passThrough, sent) => {
    expect(await call('list', auth, {}, { passThrough })).toMatchObject({ ok: true });
    const { headers, url } = stub.hits.at(-1)!;
    const { authorization, 'x-api-key': key } = headers;
    expect({ ...(authorization && { authorization }), ...(key && { 'x-api-key': key }), url }).toEqual(sent);
    for (const status of [401, 403]) {
      const outcome = await call('list', auth, {}, { status, passThrough });
      expect(outcome).toMatchObject({ code: 'credential_rejected', status, retryable: false, effectKnown: 'no' });
      expect(JSON.stringify(outcome)).toContain('passThrough');
    }
  });

  it.each<[string, CallAuth]>([
    ['X-Api-Key', oauth],
    ['Authorization', token('header', 'X-Api-Key')],
  ])('under another name, such as %s, goes beside the credential and changes nothing of it', async (name, auth) => {
    await call('list', auth, {}, { passThrough: { headers: { [name]: secret('v4lue') } } });
    const { authorization, 'x-api-key': key } = stub.hits.at(-1)!.headers;
    expect([authorization, key].sort()).toEqual(
      ['v4lue', auth === oauth ? 'Bearer access-token-1' : 'own-token'].sort(),
    );
    expect(
      await call('list', auth, {}, { status: 403, passThrough: { headers: { [name]: secret('v4lue') } } }),
    ).toMatchObject({
      code: 'upstream_error',
    });
  });

  it('as a credential is not sent where an operation has a server of its own, which fails the call', async () => {
    const before = otherStub.hits.length;
    const outcome = await call('away', oauth, {}, { passThrough: { headers: { Authorization: ownToken } } });
    expect(outcome).toMatchObject({ ok: false, code: 'pass_through_refused', retryable: false, effectKnown: 'no' });
    expect(JSON.stringify(outcome)).not.toContain('of-the-caller');
    expect(otherStub.hits).toHaveLength(before);
  });

  it('is redacted without its scheme, and both halves of Basic', async () => {
    const basic = Buffer.from('ada-lovelace:engine:1843').toString('base64');
    const echo = JSON.stringify(['of-the-caller', 'by of-the-caller!']);
    const bearer = await call('list', oauth, {}, { body: echo, passThrough: { headers: { Authorization: ownToken } } });
    expect(bearer).toMatchObject({ output: ['[secret]', 'by [secret]!'] });
    const halves = JSON.stringify([
      basic,
      'ada-lovelace',
      'engine:1843',
      'ada-lovelace:engine:1843',
      'and nothing else',
    ]);
    const headers = { Authorization: secret(`basic  ${basic}`) };
    const outcome = await call('list', oauth, {}, { body: halves, status: 500, passThrough: { headers } });
    expect(outcome).toMatchObject({ output: ['[secret]', '[secret]', '[secret]', '[secret]', 'and nothing else'] });
  });

  it.for<[string, string, object, 'headers' | 'query', string]>([
    ['a parameter', 'list', { query: { q: 'approved' } }, 'query', 'q'],
    ['a parameter in other letters', 'list', { query: { q: 'approved' } }, 'query', 'Q[]'],
    ['a parameter as it is written', 'list', { query: { filter: { status: 'approved' } } }, 'query', 'status'],
    ['a header', 'list', { header: { 'X-Region': 'approved' } }, 'headers', 'x_region'],
    ['a part of the path', 'one', { path: { itemId: 'approved' } }, 'query', 'itemId'],
    ['a member of the body', 'add', { body: { to: 'approved' } }, 'query', 'to'],
    ['a field of a form', 'send', { body: { to: { name: 'approved' } } }, 'query', 'to[name]'],
    ['a credential', 'list', { query: { q: 'approved' } }, 'query', 'q'],
  ])('replaces no argument: %s', async ([location, name, args, part, named]) => {
    const before = stub.hits.length;
    const auth = location === 'a credential' ? token('query', 'q') : oauth;
    const outcome = await call(name, auth, args, { passThrough: { [part]: { [named]: secret('v4lue') } } });
    expect(outcome).toMatchObject({ ok: false, code: 'pass_through_refused', retryable: false, effectKnown: 'no' });
    expect(JSON.stringify(outcome)).toContain(`passThrough.${part}`);
    expect(JSON.stringify(outcome)).not.toContain('v4lue');
    expect(stub.hits).toHaveLength(before);
    // A parameter that the plan does not set may be passed.
    expect(await call('list', oauth, {}, { passThrough: { [part]: { [named]: secret('v4lue') } } })).toMatchObject({
      ok: true,
    });
  });

  it('may be an Authorization where the integration has no credential of its own', async () => {
    const passThrough = { headers: { Authorization: secret('Bearer of-the-caller') } };
    await call('list', { type: 'NONE' }, {}, { passThrough });
    expect(stub.hits.at(-1)?.headers.authorization).toBe('Bearer of-the-caller');
    const refused = await call('list', { type: 'NONE' }, {}, { status: 401, passThrough });
    expect(refused).toMatchObject({ code: 'credential_rejected', effectKnown: 'no' });
    expect(await call('list', { type: 'NONE' }, {}, { status: 401 })).toMatchObject({ code: 'upstream_error' });
  });

  it('and the credential are sent to the origin for which they were stored, and nowhere else', async () => {
    const passThrough = { headers: { 'x-tenant': secret('tenant-77') }, query: { k: secret('key-88') } };
    for (const auth of [oauth, aws, token('header', 'X-Api-Key'), token('query', 'key')]) {
      const options = {
        baseUrl: `${stub.origin}/v1`,
        auth,
        credentialOrigin: otherStub.origin,
        egress: calls.egress,
        passThrough,
      };
      await callTool(calls.tools.get('list') as DescribedTool, {}, options);
      expect(JSON.stringify(stub.hits.at(-1))).not.toMatch(/access-token|own-token|session-|tenant-77|key-88/);
    }
  });

  it('is in no error of a service that cannot be reached', async () => {
    const away = createEgress({ allowOrigins: ['http://127.0.0.1:1'] });
    const tool = calls.tools.get('list') as DescribedTool;
    const passThrough = { headers: { 'x-tenant': secret('tenant-77') }, query: { k: secret('key-88') } };
    const origin = 'http://127.0.0.1:1';
    const options = { baseUrl: `${origin}/v1`, credentialOrigin: origin, auth: oauth, egress: away, passThrough };
    const outcome = await callTool(tool, {}, options);
    expect(outcome).toMatchObject({ ok: false, code: 'upstream_unreachable' });
    expect(JSON.stringify(outcome)).not.toMatch(/tenant-77|key-88|access-token/);
    await away.close();
  });
});
