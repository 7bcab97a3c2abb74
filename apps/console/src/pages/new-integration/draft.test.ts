import { expect, test } from 'vitest';
import {
  createInput,
  type Draft,
  draftOfInspection,
  draftOfService,
  type Inspection,
  missingIn,
  type Service,
  withType,
} from './draft.ts';

const NOW = Date.parse('2026-01-31T09:30:00.000Z');
const inspection: Inspection = {
  inspectionId: '0192f0c1-7a70-7a18-9d02-4c1b8e7d2207',
  expiresAt: '2026-01-31T09:40:00.000Z',
  name: 'Harbor CRM API',
  host: 'crm.example.com',
  baseUrl: 'https://crm.example.com/v1',
  auth: { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' },
  operations: [],
  operationCount: 0,
  hasMore: false,
  warnings: [],
};
const URL_OF_DOCUMENT = 'https://crm.example.com/openapi.json';
const SECRET = 's3cr3t';

function filled(draft: Draft, values: Draft['access']['values'], change: Partial<Draft> = {}): Draft {
  return { ...draft, ...change, access: { ...draft.access, values } };
}

test('an inspected document is registered by its inspection, and by its address once that has expired', () => {
  const draft = filled(draftOfInspection({ from: 'inspection', inspection, input: { url: URL_OF_DOCUMENT } }), {
    token: SECRET,
  });
  const auth = { type: 'API_TOKEN', token: SECRET };
  expect(createInput(draft, { now: NOW })).toEqual({
    name: 'Harbor CRM API',
    inspectionId: inspection.inspectionId,
    auth,
  });
  expect(createInput(draft, { now: NOW + 600_000 })).toEqual({ name: 'Harbor CRM API', url: URL_OF_DOCUMENT, auth });
});

test('users who give their own credential leave the fields of the owner out', () => {
  const draft = filled(draftOfInspection({ from: 'inspection', inspection, input: { url: URL_OF_DOCUMENT } }), {
    token: SECRET,
  });
  const ofUsers = { ...draft, access: { ...draft.access, giver: 'users' as const } };
  expect(missingIn({ ...draft, access: { ...draft.access, values: {} } })).toBe('Fill in: Token.');
  expect(missingIn(ofUsers)).toBeUndefined();
  expect(createInput(ofUsers, { now: NOW }).auth).toEqual({ type: 'API_TOKEN' });
});

test('variables of the address have a value, or one for each user', () => {
  const base = draftOfInspection({ from: 'inspection', inspection, input: { url: URL_OF_DOCUMENT } });
  const draft = filled(
    base,
    {},
    {
      baseUrl: 'https://{shop}.{region}.example.com',
      variables: { shop: { isOfUsers: true, value: 'x' }, region: { isOfUsers: false, value: 'eu' } },
    },
  );
  expect(createInput(draft, { now: NOW })).toMatchObject({
    baseUrl: 'https://{shop}.{region}.example.com',
    variables: { shop: { title: 'shop', from: 'user' }, region: 'eu' },
  });
});

test('an MCP server says itself where its users consent', () => {
  const input = { kind: 'mcp' as const, url: 'https://notes.example.com/mcp', trustHints: true };
  const server = { ...inspection, inspectionId: undefined, auth: { type: 'OAUTH2' as const } };
  const draft = draftOfInspection({ from: 'inspection', inspection: server, input });
  expect(createInput(draft)).toEqual({ name: 'Harbor CRM API', ...input });
  expect(createInput(filled(draft, { clientId: 'errand' })).auth).toEqual({ type: 'OAUTH2', clientId: 'errand' });
  expect(createInput(draftOfInspection({ from: 'inspection', inspection: server, input }, SECRET)).auth).toEqual({
    type: 'API_TOKEN',
    token: SECRET,
  });
});

test('an MCP server that was read without a credential needs none', () => {
  const input = { kind: 'mcp' as const, url: 'https://notes.example.com/mcp' };
  expect(createInput(draftOfInspection({ from: 'inspection', inspection, input }), { isProgram: true })).toEqual({
    name: 'Harbor CRM API',
    ...input,
    auth: { type: 'NONE' },
  });
});

const service = {
  catalog: 'zendesk',
  name: 'Zendesk',
  kinds: ['openapi', 'mcp'],
  auth: [
    { kind: 'openapi', type: 'OAUTH2', title: 'OAuth client', fields: ['clientId', 'clientSecret'] },
    { kind: 'openapi', type: 'BASIC', title: 'API token', fields: ['user', 'password'] },
    { kind: 'mcp', type: 'OAUTH2', fields: [] },
  ],
  variables: [
    { name: 'subdomain', title: 'Subdomain' },
    { name: 'appKey', secret: true },
    { name: 'site', from: 'lookup' },
  ],
} as unknown as Service;

test('a service of the catalogue needs its credentials alone', () => {
  const draft = draftOfService(service, 'openapi');
  const values = { clientId: 'errand', clientSecret: SECRET, scopes: 'read write' };
  const variables = { ...draft.variables, subdomain: { isOfUsers: false, value: 'acme' } };
  expect(createInput(filled(draft, values, { variables }))).toEqual({
    name: 'Zendesk',
    catalog: 'zendesk',
    kind: 'openapi',
    auth: { way: 'OAuth client', clientId: 'errand', clientSecret: SECRET },
    variables: { subdomain: 'acme' },
  });
  const basic = { ...draft, access: withType(draft.access, 'BASIC', 'API token') };
  expect(missingIn(basic)).toBe('Fill in: User name.');
  expect(createInput(draftOfService(service, 'mcp'))).toEqual({ name: 'Zendesk', catalog: 'zendesk', kind: 'mcp' });
});

test.each([
  'API_TOKEN',
  'BASIC',
  'OAUTH2',
  'CLIENT_CREDENTIALS',
  'AWS_ASSUME_ROLE',
  'GOOGLE_SERVICE_ACCOUNT_OAUTH',
] as const)('a program has no secret of %s', (type) => {
  const base = draftOfInspection({ from: 'inspection', inspection, input: { document: SECRET }, fileName: 'a.yaml' });
  const names = ['token', 'password', 'clientSecret', 'secretAccessKey', 'serviceAccountKey'];
  const draft = filled(
    { ...base, access: withType(base.access, type) },
    Object.fromEntries(names.map((name) => [name, SECRET])),
  );
  const program = JSON.stringify(createInput(draft, { isProgram: true }));
  expect(program).not.toContain(SECRET);
  expect(program).toMatch(/<(token|password|clientSecret|secretAccessKey|serviceAccountKey)>/);
  expect(program).toContain('<the text of a.yaml>');
});

test('a program has no secret variable of the catalogue', () => {
  const draft = draftOfService(service, 'openapi');
  const variables = { ...draft.variables, appKey: { isOfUsers: false, value: SECRET } };
  expect(createInput({ ...draft, variables }, { isProgram: true }).variables).toEqual({ appKey: '<appKey>' });
});

test('calls carry the trace id of their errand only if a person says so', () => {
  const draft = draftOfInspection({ from: 'inspection', inspection, input: { url: URL_OF_DOCUMENT } });
  expect(createInput(draft, { now: NOW })).not.toHaveProperty('rules');
  expect(createInput({ ...draft, traceparent: true }, { now: NOW }).rules).toEqual({ traceparent: true });
});
