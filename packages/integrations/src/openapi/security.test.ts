import { expect, it } from 'vitest';
import { convertedDocument } from '../testing/fixtures/converted-document.ts';

const imported = (securitySchemes: object, more: object = {}, security?: object[]) => {
  const get = { operationId: 'list', responses: {}, ...(security && { security }) };
  const document = {
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    servers: [{ url: 'https://api.example.com' }],
    components: { securitySchemes },
    paths: { '/a': { get } },
    ...more,
  };
  return convertedDocument(document, { documentUrl: 'https://docs.example.com/api/openapi.json' });
};
const scopes = { 'events.read': 'Read', 'events.write': 'Write' };
const code = {
  authorizationUrl: 'https://auth.example.com/authorize',
  tokenUrl: '../token',
  scopes,
};

it('takes the authorization code flow over others, with absolute URLs', () => {
  const { oauth2, auth } = imported({
    o: { type: 'oauth2', flows: { implicit: { scopes: {} }, authorizationCode: code } },
  });
  expect(oauth2).toEqual({
    authorizationUrl: 'https://auth.example.com/authorize',
    tokenUrl: 'https://docs.example.com/token',
    scopes: ['events.read', 'events.write'],
  });
  expect(auth).toMatchObject({ name: 'Authorization', prefix: 'Bearer ' });
});

it('asks for the scopes that operations name, and no more', () => {
  const scheme = { o: { type: 'oauth2', flows: { authorizationCode: code } } };
  expect(imported(scheme, {}, [{ o: ['events.read'] }]).oauth2?.scopes).toEqual(['events.read']);
  expect(imported(scheme, { security: [{ o: ['events.write', 'events.write'] }] }).oauth2?.scopes).toEqual([
    'events.write',
  ]);
  expect(imported(scheme, {}, [{ other: ['x'] }, { o: [] }]).oauth2?.scopes).toEqual(Object.keys(scopes));
});

it('reads where an OpenID Connect scheme has its metadata, and which scopes are asked for', () => {
  const openIdConnectUrl = 'https://auth.example.com/.well-known/openid-configuration';
  const { oauth2 } = imported({ o: { type: 'openIdConnect', openIdConnectUrl } }, {}, [{ o: ['openid', 'email'] }]);
  expect(oauth2).toEqual({ openIdConnectUrl, scopes: ['openid', 'email'] });
});

it('leaves out what is no URL, with a warning, and has no hint where there is no flow', () => {
  const odd = imported({ o: { type: 'oauth2', flows: { authorizationCode: { ...code, tokenUrl: 'https://[' } } } });
  expect(odd.oauth2).not.toHaveProperty('tokenUrl');
  expect(odd.warnings.join()).toContain('tokenUrl was left out: it is not a URL');
  expect(imported({ o: { type: 'oauth2', flows: {} } }).oauth2).toBeUndefined();
  expect(imported({ k: { type: 'apiKey', in: 'header', name: 'X-Key' } }).oauth2).toBeUndefined();
});
