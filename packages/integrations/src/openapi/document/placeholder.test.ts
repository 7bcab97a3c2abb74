import { expect, test } from 'vitest';
import { convertedDocument } from '../../testing/fixtures/converted-document.ts';
import { isPlaceholderHost } from './placeholder.ts';

test.each([
  'your-domain.atlassian.net',
  'yourdomain.freshdesk.com',
  'YOUR_DOMAIN.example.io',
  'api.your-company.com',
  'my-company.zendesk.com',
  'kubernetes.local',
  'salesforce.local',
  'rudder.example.local',
  'HOSTNAME',
  'api.vendor.test',
  'vendor.invalid',
  'api.example',
  'example.zendesk.com',
  'subdomain.zendesk.com',
  'instance.service-now.com',
  'none',
  '.api.vendor.com',
])('%s is a placeholder', (host) => expect(isPlaceholderHost(host)).toBe(true));

test.each([
  'api.github.com',
  'api.example.com',
  'example.org',
  'localhost',
  'crm',
  'mybusiness.googleapis.com',
  'sandbox.plaid.com',
  'cloudsearchdomain.us-east-1.amazonaws.com',
  'api.yourmembership.com',
  'management.local.azurestack.external',
  'api.domain.com.au',
])('%s is a host', (host) => expect(isPlaceholderHost(host)).toBe(false));

const document = (servers: object[], pathServers?: object[]) => ({
  openapi: '3.0.3',
  info: { title: 'Sites', version: '1' },
  servers,
  paths: {
    '/a': { get: { operationId: 'a', responses: {} } },
    '/b': { get: { operationId: 'b', responses: {} }, ...(pathServers && { servers: pathServers }) },
  },
});
const faultOf = (servers: object[], more = {}) => {
  try {
    convertedDocument(document(servers), more);
  } catch (error) {
    return error as { code: string; findings: { pointer: string }[]; remedy: string };
  }
  throw new Error('It was accepted.');
};
const variables = { subdomain: { description: 'Yours' }, region: { default: 'eu' } };

test.each([
  [{ url: 'https://your-domain.atlassian.net/rest' }, 'https://acme.atlassian.net/rest'],
  [
    { url: 'https://{subdomain}.{region}.zendesk.com', variables },
    'your own subdomain, such as https://acme.eu.zendesk.com',
  ],
  [{ url: 'https://<site>/api' }, 'your own site, such as https://acme.example.com/api'],
  [{ url: 'https://kubernetes.local' }, 'https://acme.example.com'],
  [{ url: 'https://{host}/', variables: { host: { default: 'HOSTNAME' } } }, 'your own host'],
])('%j is refused with the address to give', (server, advice) => {
  const fault = faultOf([server]);
  expect(fault).toMatchObject({ code: 'openapi_invalid', findings: [{ pointer: '/baseUrl' }] });
  expect(fault.remedy).toContain('`baseUrl`');
  expect(fault.remedy).toContain(advice);
});

test('the owner, or the operator, allows a host that looks like a placeholder', () => {
  const servers = [{ url: 'https://crm.local' }];
  expect(convertedDocument(document(servers), { baseUrl: 'https://crm.local/v1/' }).baseUrl).toBe(
    'https://crm.local/v1',
  );
  expect(convertedDocument(document(servers), { allowedOrigins: ['https://crm.local'] }).baseUrl).toBe(
    'https://crm.local',
  );
});

test('a usable server is taken before a placeholder, and an operation at a placeholder is left out', () => {
  const servers = [{ url: 'https://your-domain.vendor.com' }, { url: 'https://api.vendor.com' }];
  const { baseUrl, tools, warnings } = convertedDocument(document(servers, [{ url: 'http://HOSTNAME' }]));
  expect(baseUrl).toBe('https://api.vendor.com');
  expect(tools.map(({ operation }) => operation)).toEqual(['a']);
  expect(warnings.join()).toContain('GET /b was left out: it has no usable server');
});

test('the base URL of the owner replaces servers of paths at the own origin of the document, and placeholders', () => {
  const convert = (baseUrl: string, pathServer: string) => {
    const servers = [{ url: 'https://api.vendor.com/v1' }];
    const { tools } = convertedDocument(document(servers, [{ url: pathServer }]), { baseUrl });
    return tools.map(({ call }) => call as { server?: string; basePath?: string });
  };
  const proxy = 'https://proxy.acme.com/vendor';
  expect(convert(proxy, 'https://api.vendor.com/v1')[1]).not.toHaveProperty('basePath');
  expect(convert(proxy, 'https://api.vendor.com/v1/beta')[1]).toMatchObject({ basePath: '/vendor/beta' });
  expect(convert('https://proxy.acme.com/v1', 'https://api.vendor.com/v2')[1]).toMatchObject({ basePath: '/v2' });
  expect(convert(proxy, 'https://{tenant}.vendor.com')[1]).not.toHaveProperty('server');
  expect(convert(proxy, 'https://files.vendor.com')[1]).toMatchObject({ server: 'https://files.vendor.com' });
  expect(convert('https://{shop}.acme.com/v1', 'https://api.vendor.com/v1/beta')[1]).toMatchObject({
    basePath: '/v1/beta',
  });
});

test('a document whose paths alone name servers is called there', () => {
  const { baseUrl } = convertedDocument(document([], [{ url: 'https://api.vendor.com' }]));
  expect(baseUrl).toBe('https://api.vendor.com');
});
