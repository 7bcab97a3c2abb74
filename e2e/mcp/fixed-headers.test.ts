// Headers and parameters of an integration at an MCP server, and variables of its address.
import { type StubMcpServer, startStubMcpServer } from '@errand/integrations/testing';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { callablePort, openWorkspace } from '../fixtures/workspace.ts';

let stub: StubMcpServer;
let api: Api;

beforeAll(async () => {
  const tools = [{ name: 'echo', inputSchema: { type: 'object' } }];
  const call = ({ params }: { params?: unknown }) => ({ content: [], structuredContent: { params, key: SECRET } });
  stub = await startStubMcpServer({ modern: true, tools, call }, await callablePort());
  const workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  return () => Promise.all([workspace.close(), stub.close()]);
});

const SECRET = 's3cr3t-of-the-owner';
const template = () => stub.url.replace('/mcp', '/{path}');
const variables = { path: 'mcp', key: { secret: true, value: SECRET } };

test('every request has them, also those that read the tools; secret values are redacted', async () => {
  const input = { name: 'Notes', kind: 'mcp', url: template(), enable: 'all', variables } as const;
  const { customerIntegrationId: id, baseUrl } = await api.integrations.create({
    ...input,
    ...{ headers: { 'X-Key': '{key}' }, query: { alt: 'json' } },
  });
  expect(baseUrl).toBe(stub.url);
  await api.integrations.refresh({ customerIntegrationId: id });
  const { run, events } = await carryOut(
    api,
    aRun({ plan: aPlan(`${id}.echo`), selectedCustomerIntegrationIds: [id] }),
  );
  expect(run.status).toBe('SUCCESS');
  expect(stub.hits.map(({ rpc }) => rpc)).toEqual(expect.arrayContaining(['tools/list', 'tools/call']));
  for (const { headers, path } of stub.hits) expect([headers['x-key'], path]).toEqual([SECRET, '/mcp?alt=json']);
  expect(JSON.stringify([run, events])).not.toContain(SECRET);
  expect(JSON.stringify([run, events])).toContain('[secret]');
});

test.each([
  ['/url', { url: 'http://{host}.example.com/mcp', variables: { host: { from: 'user' } } }],
  ['/url', { variables: { path: { secret: true, value: 'mcp' } } }],
  ['/arguments', { variables, arguments: { '*': { a: 1 } } }],
  ['/baseUrl', { variables, baseUrl: 'https://example.com' }],
  ['/headers/Mcp-Session-Id', { variables, headers: { 'Mcp-Session-Id': 'x' } }],
] as const)('a fault is told at %s', async (pointer, more) => {
  const input = { name: 'Notes', kind: 'mcp', url: template(), ...more } as Parameters<
    Api['integrations']['create']
  >[0];
  await expect(api.integrations.create(input)).rejects.toMatchObject({
    problem: { code: 'validation_failed', errors: [{ pointer }] },
  });
});
