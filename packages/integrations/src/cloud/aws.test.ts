import { Secret } from '@errand/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { claimOf, faultOfSignature } from '../testing/verify-aws.ts';
import { assumeRole, sessionName } from './aws-role.ts';
import { signAws } from './aws-signature.ts';

// AWS's published test suite for Signature Version 4.
const suite = {
  keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY') },
  scope: { region: 'us-east-1', service: 'service' },
  at: new Date('2015-08-30T12:36:00Z'),
};
const vectors: [string, string, string, Record<string, string>, string, string][] = [
  ['get-vanilla', 'GET', '/', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '/', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    {},
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-utf8-query',
    'GET',
    '/?%E1%88%B4=bar',
    {},
    '',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'post-header-key-sort',
    'POST',
    '/',
    { 'my-header1': 'value1' },
    '',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
];

describe('what checks signatures in these tests', () => {
  it.for(vectors)('agrees with the published case %s', ([_name, method, url, more, body, signature]) => {
    const names = ['host', ...Object.keys(more), 'x-amz-date'].sort().join(';');
    const scope = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${signature}`;
    const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z', ...more, authorization };
    const secret = suite.keys.secretAccessKey.reveal();
    expect(faultOfSignature({ method, url, headers, body }, secret)).toBeUndefined();
    expect(faultOfSignature({ method, url, headers, body: 'x' }, secret)).toBe('another signature');
    expect(faultOfSignature({ method, url: '/other', headers, body }, secret)).toBe('another signature');
  });
});

describe('a signed request', () => {
  it.each([
    ['GET', 'https://example.amazonaws.com/', undefined, 'service'],
    ['GET', 'https://example.amazonaws.com/a%20b/%E1%88%B4/x%2Fy?q=a+b&q=%2B&r&s=~!*()%27', undefined, 'service'],
    ['GET', 'https://bucket.s3.amazonaws.com/a%20b/c%2Bd?list-type=2', undefined, 's3'],
    ['POST', 'https://example.amazonaws.com:8443/things', '{"ä":1}', 'execute-api'],
    ['PUT', 'https://example.amazonaws.com/file', Buffer.from('text'), 's3'],
  ])('%s %s stands up to the check, and not once anything is changed', async (method, address, body, service) => {
    const call = {
      method,
      url: new URL(address),
      headers: { 'x-amz-target': 'A.b' } as Record<string, string>,
      ...(body && { body }),
    };
    const keys = { ...suite.keys, sessionToken: new Secret('session/token==') };
    await signAws(call, keys, { region: 'eu-west-1', service }, suite.at);
    const { url, headers } = call;
    const received = {
      method,
      url: url.pathname + url.search,
      headers: { ...headers, host: url.host },
      body: String(body ?? ''),
    };
    const secret = suite.keys.secretAccessKey.reveal();

    expect(faultOfSignature(received, secret, suite.at)).toBeUndefined();
    expect(claimOf(received)).toMatchObject({ region: 'eu-west-1', service, keyId: 'AKIDEXAMPLE' });
    expect(headers).not.toHaveProperty('host');
    expect(headers['x-amz-security-token']).toBe('session/token==');
    for (const change of [
      { method: 'DELETE' },
      { url: `${received.url}/x` },
      { body: `${received.body} ` },
      { headers: { ...received.headers, host: 'other.example.com' } },
      { headers: { ...received.headers, 'x-amz-target': 'A.c' } },
      { headers: { ...received.headers, 'x-amz-security-token': 'other' } },
      { headers: { ...received.headers, 'x-amz-date': '20150830T123601Z' } },
    ]) {
      expect(faultOfSignature({ ...received, ...change }, secret)).toBeDefined();
    }
    expect(faultOfSignature(received, 'other secret')).toBe('another signature');
  });
});

describe('assuming a role', () => {
  const owner = { accessKeyId: 'AKIAOWNEROWNEROWNER1', secretAccessKey: new Secret('owner/secret+key') };
  const roleArn = 'arn:aws:iam::123456789012:role/errand';
  let sts: StubService;
  let egress: Egress;
  let reply: { status: number; body: string } | undefined;
  const session = {
    id: 'ASIASESSIONSESSION12',
    secret: 'session/secret+key',
    token: 'token/+=',
    until: '2026-11-24T12:00:00Z',
  };

  beforeAll(async () => {
    sts = await startStubService((request, response, body) => {
      const { method = '', url = '', headers } = request;
      const form = new URLSearchParams(body);
      const trusted = form.get('RoleArn') === roleArn && form.get('ExternalId') === 'ext-1';
      const fault =
        faultOfSignature({ method, url, headers, body }, owner.secretAccessKey.reveal(), new Date()) ??
        (claimOf({ method, url, headers, body })?.service === 'sts' ? undefined : 'another service');
      const refusal = (code: string) =>
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${fault}</Message></Error></ErrorResponse>`;
      const credentials = `<Credentials><AccessKeyId>${session.id}</AccessKeyId><SecretAccessKey>${session.secret}</SecretAccessKey><SessionToken>${session.token}</SessionToken><Expiration>${session.until}</Expiration></Credentials>`;
      const { status, body: text } =
        reply ??
        (fault
          ? { status: 403, body: refusal('SignatureDoesNotMatch') }
          : trusted
            ? {
                status: 200,
                body: `<AssumeRoleResponse><AssumeRoleResult>${credentials}</AssumeRoleResult></AssumeRoleResponse>`,
              }
            : { status: 403, body: refusal('AccessDenied') });
      response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    });
    egress = createEgress({ allowOrigins: [sts.origin] });
  });
  afterEach(() => {
    reply = undefined;
  });
  afterAll(async () => {
    await egress.close();
    await sts.close();
  });

  const assume = (more: object = {}, keys = owner) =>
    assumeRole(
      { roleArn, region: 'eu-central-1', externalId: 'ext-1', userId: 'ada', stsUrl: `${sts.origin}/`, ...more },
      keys,
      { egress },
    );

  it('gives the keys of a session in the name of the user', async () => {
    const access = await assume({ durationSeconds: 900 });
    if (access.kind !== 'access') throw new Error(access.kind);
    expect(access.expiresAt).toEqual(new Date(session.until));
    expect(access.value.accessKeyId).toBe(session.id);
    expect(access.value.secretAccessKey.reveal()).toBe(session.secret);
    expect(access.value.sessionToken?.reveal()).toBe(session.token);
    expect(Object.fromEntries(new URLSearchParams(sts.hits.at(-1)?.body))).toMatchObject({
      Action: 'AssumeRole',
      RoleSessionName: 'ada',
      DurationSeconds: '900',
    });
  });

  it('is refused with another external id, or keys', async () => {
    expect(await assume({ externalId: 'ext-2' })).toEqual({ kind: 'refused', reason: 'AccessDenied' });
    const wrong = { ...owner, secretAccessKey: new Secret('wrong') };
    expect(await assume({}, wrong)).toEqual({ kind: 'refused', reason: 'SignatureDoesNotMatch' });
  });

  it.each([
    [
      { status: 503, body: '' },
      { kind: 'later', retryAfterMs: 5_000 },
    ],
    [
      { status: 400, body: '<Error><Code>Throttling</Code></Error>' },
      { kind: 'later', retryAfterMs: 5_000 },
    ],
    [
      { status: 400, body: '<Error><Code>bad code!</Code></Error>' },
      { kind: 'refused', reason: 'refused' },
    ],
    [
      { status: 200, body: '<html>' },
      { kind: 'refused', reason: 'unreadable' },
    ],
  ])('that is answered %j comes to %j', async (answer, outcome) => {
    reply = answer;
    expect(await assume()).toEqual(outcome);
  });

  it('goes nowhere inside, and waits when nobody answers', async () => {
    expect(await assume({ stsUrl: 'https://169.254.169.254/' })).toEqual({
      kind: 'refused',
      reason: 'url_not_allowed',
    });
  });

  it('names sessions as AWS lets them be named, and keeps users apart', () => {
    expect(sessionName('ada@example.com')).toBe('ada@example.com');
    for (const odd of ['a', 'Ada Lovelace', 'Ada-Lovelace!', 'ü', 'x'.repeat(200), `${'x'.repeat(200)}y`]) {
      expect(sessionName(odd)).toMatch(/^[\w+=,.@-]{2,64}$/);
    }
    expect(sessionName('Ada Lovelace')).not.toBe(sessionName('Ada-Lovelace'));
    expect(sessionName('x'.repeat(200))).not.toBe(sessionName(`${'x'.repeat(200)}y`));
  });
});
