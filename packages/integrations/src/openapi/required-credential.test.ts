import { expect, it } from 'vitest';
import { convertedDocument } from '../testing/fixtures/converted-document.ts';

const schemes = {
  token: { type: 'http', scheme: 'bearer' },
  login: { type: 'http', scheme: 'basic' },
  key: { type: 'apiKey', in: 'header', name: 'X-Key' },
  query: { type: 'apiKey', in: 'query', name: 'key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
  consent: { type: 'oauth2', flows: { authorizationCode: { scopes: {} } } },
  machine: { type: 'oauth2', flows: { clientCredentials: { scopes: {} } } },
  person: { type: 'oauth2', flows: { password: { scopes: {} } } },
  id: { type: 'openIdConnect', openIdConnectUrl: 'https://id.example.com/' },
  certificate: { type: 'mutualTLS' },
};

/** The credential that a document requires, by its own requirement and those of its operations. */
const credentialOf = (security: unknown, ...ofOperations: unknown[]) => {
  const operations = ofOperations.length > 0 ? ofOperations : [undefined];
  const document = {
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    servers: [{ url: 'https://api.example.com' }],
    components: { securitySchemes: schemes },
    ...(security !== undefined && { security }),
    paths: Object.fromEntries(
      operations.map((requirement, n) => [
        `/a${n}`,
        { get: { responses: {}, ...(requirement !== undefined && { security: requirement }) } },
      ]),
    ),
  };
  return convertedDocument(document).requiredCredential;
};

const TOKEN = 'PATCH it with auth: {"type": "API_TOKEN"}, with "token" if all users share one.';
const CLIENT = 'PATCH it with auth: {"type": "OAUTH2", "clientId": "…", "clientSecret": "…"}.';
const NO_WAY = 'Errand cannot send this kind of credential, so the service will refuse calls.';
it.each([
  ['token', 'http bearer', TOKEN],
  ['login', 'http basic', 'PATCH it with auth: {"type": "BASIC"}, with "user" and "password" if all users share them.'],
  ['key', 'apiKey in header X-Key', TOKEN],
  ['query', 'apiKey in query key', TOKEN],
  ['cookie', 'apiKey in cookie sid', NO_WAY],
  ['consent', 'oauth2', CLIENT],
  ['machine', 'oauth2', 'PATCH it with auth: {"type": "CLIENT_CREDENTIALS", "clientId": "…", "clientSecret": "…"}.'],
  ['id', 'openIdConnect', CLIENT],
  ['certificate', 'mutualTLS', NO_WAY],
  ['unheardOf', 'the document does not describe it', TOKEN],
  ['constructor', 'the document does not describe it', TOKEN],
])('names the scheme %s and what to pass', (name, kind, advice) => {
  const expected = { scheme: `"${name}" (${kind})`, advice, requiringCount: 1, operationCount: 1 };
  expect({ ...credentialOf([{ [name]: [] }]), auth: undefined }).toEqual(expected);
  expect({ ...credentialOf(undefined, [{ [name]: [] }]), auth: undefined }).toEqual(expected);
});

it('says of a flow that is not served how a token serves instead', () => {
  expect(credentialOf([{ person: [] }])?.advice).toMatch(/^Errand does not serve the flow password\. .*API_TOKEN/);
});

it('shows names of the document without hidden characters, and short', () => {
  const name = `a\u202eb\u0000c\n${'d'.repeat(200)}`;
  const { scheme } = credentialOf([{ [name]: [] }])!;
  expect(scheme).toMatch(/^"abc ?d+" \(the document does not describe it\)$/);
  expect(scheme.length).toBeLessThan(150);
});

it('counts the operations that ask, and names what most of them take and can be sent', () => {
  expect(credentialOf([{ cookie: [] }, { token: [] }], undefined, [], [{ key: [] }])).toMatchObject({
    scheme: '"token" (http bearer)',
    requiringCount: 2,
    operationCount: 3,
  });
});

it.each<[string, unknown, unknown]>([
  ['the document asks for nothing', undefined, undefined],
  ['its list is empty', [], undefined],
  ['its operations lift it', [{ token: [] }], []],
  ['there is the anonymous alternative', [{ token: [] }, {}], undefined],
  ['there is one at the operation', undefined, [{}, { token: [] }]],
  ['it is no list', 'token', undefined],
])('asks for nothing where %s', (_, whole, operation) => {
  expect(credentialOf(whole, operation)).toBeUndefined();
});

const BEARER = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' };
const KEY = { type: 'API_TOKEN', in: 'header', name: 'X-Key', prefix: '' };
const one = (name: string) => [{ [name]: [] }];
it.each<[string, unknown[], object | undefined]>([
  ['a bearer token', [one('token')], BEARER],
  ['a key in a header', [one('key')], KEY],
  ['a key in the query', [one('query')], { type: 'API_TOKEN', in: 'query', name: 'key', prefix: '' }],
  ['a user and a password', [one('login')], { type: 'BASIC' }],
  ['what most operations accept', [one('token'), one('key'), one('key')], KEY],
  ['what is supported', [one('cookie'), one('cookie'), one('token')], BEARER],
  ['a token as the alternative of a consent', [[{ consent: [] }, { token: [] }]], BEARER],
  [
    'a key as the alternative of a client',
    [[{ machine: [] }, { key: [] }], one('machine'), [{ machine: [] }, { key: [] }]],
    KEY,
  ],
  ['nothing for a consent', [one('consent')], undefined],
  ['nothing for OpenID Connect', [one('id')], undefined],
  ['nothing for a client', [one('machine')], undefined],
  ['nothing for a flow that is not served', [one('person')], undefined],
  ['nothing for a consent with a key for other operations', [one('consent'), one('consent'), one('key')], undefined],
  [
    'nothing where half of the operations accept the alternative',
    [one('consent'), [{ consent: [] }, { key: [] }]],
    undefined,
  ],
  ['nothing for a combination', [[{ key: [], token: [] }]], undefined],
  ['nothing for a cookie', [one('cookie')], undefined],
  ['nothing for a scheme that is not described', [one('constructor')], undefined],
])('asks users for %s', (_, ofOperations, auth) => {
  expect(credentialOf(undefined, ...ofOperations)?.auth).toEqual(auth);
});
