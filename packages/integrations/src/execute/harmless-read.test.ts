import type { DescribedTool } from '@errand/contracts';
import { describe, expect, it } from 'vitest';
import { createEgress } from '../egress/egress.ts';
import { importOpenApi } from '../openapi/import-openapi.ts';
import { importedTools } from '../testing/fixtures/imported-tools.ts';
import { readsForTrial, trialArguments } from './harmless-read.ts';

type Operations = Record<string, Record<string, object>>;

async function toolsOf(paths: Operations): Promise<DescribedTool[]> {
  const egress = createEgress({ allowOrigins: ['http://127.0.0.1:1'] });
  const responses = {};
  const document = {
    openapi: '3.0.3',
    info: { title: 'Stub', version: '1' },
    servers: [{ url: 'http://127.0.0.1:1' }],
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, item]) => [
        path,
        Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, { responses, ...operation }])),
      ]),
    ),
  };
  const imported = await importOpenApi({ egress, customerIntegrationId: 'stub_12345678', document });
  await egress.close();
  return [...importedTools(imported, 'stub_12345678').values()];
}
/** The path and the arguments of the call for the trial of a token. */
function chosenOf(tools: readonly DescribedTool[]) {
  const plain = tools.filter((tool) => trialArguments(tool));
  const [name] = readsForTrial(plain);
  const tool = plain.find((candidate) => candidate.name === name);
  return tool && [tool.path, trialArguments(tool)];
}
const chosen = async (paths: Operations) => chosenOf(await toolsOf(paths));

const limit = (more = {}) => ({
  parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', ...more } }],
});

describe('the read that tries a token', () => {
  it.each<[string, Operations, unknown]>([
    [
      'tells who calls',
      { '/deals': { get: {} }, '/v1/users/me': { get: {} }, '/account': { get: {} } },
      ['/v1/users/me', {}],
    ],
    ['is found by its name', { '/a/b/c': { get: { operationId: 'whoAmI' } }, '/me': { get: {} } }, ['/a/b/c', {}]],
    [
      'lists, one entry',
      { '/stats': { get: {} }, '/deals': { get: { operationId: 'listDeals', ...limit() } } },
      ['/deals', { query: { limit: 1 } }],
    ],
    ['asks for as few as it may', { '/deals': { get: limit({ minimum: 5 }) } }, ['/deals', { query: { limit: 5 } }]],
    ['is near the root', { '/a/b': { get: {} }, '/z': { get: {} }, '/c': { get: {} } }, ['/c', {}]],
    ['is no write', { '/me': { post: {}, delete: {} } }, undefined],
    ['is no read that the document calls a write', { '/me': { get: { 'x-errand-effect': 'write' } } }, undefined],
    [
      'needs no argument',
      {
        '/me/{id}': { get: {} },
        '/find': { get: { parameters: [{ name: 'q', in: 'query', required: true, schema: {} }] } },
      },
      undefined,
    ],
    [
      'changes nothing by its name',
      { '/logout': { get: {} }, '/keys/rotate': { get: { operationId: 'rotateKeys' } } },
      undefined,
    ],
    [
      'is answered to no stranger',
      { '/health': { get: {} }, '/me': { get: { security: [] } }, '/list': { get: { security: [{}] } } },
      undefined,
    ],
  ])('%s', async (_name, paths, expected) => {
    expect(await chosen(paths)).toEqual(expected);
  });

  it('is the same in whatever order the tools are', async () => {
    const tools = await toolsOf({ '/b': { get: {} }, '/a': { get: {} }, '/me/x': { get: {} }, '/x/me': { get: {} } });
    const names = [tools, tools.toReversed(), [...tools.slice(2), ...tools.slice(0, 2)]].map(
      (read) => chosenOf(read)?.[0],
    );
    expect(new Set(names)).toEqual(new Set(['/me/x']));
  });
});
