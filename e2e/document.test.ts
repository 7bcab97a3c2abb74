// The OpenAPI document and the pages about the service.
import { readFileSync } from 'node:fs';
import { contract, errorTable, userOperations } from '@errand/contracts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, expect, test } from 'vitest';
import { request } from './fixtures/request.ts';
import type { Caller } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let anyone: Caller;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  anyone = { ...workspace, apiKey: '' };
  return () => workspace.close();
});

type Answer = { description: string; headers: object; content?: Record<string, { examples?: object }> };
type Operation = {
  operationId: string;
  security: Record<string, string[]>[];
  'x-required-scope'?: string;
  'x-user-token-ability'?: string[];
  description?: string;
  responses: Record<string, Answer>;
};
type Document = {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer> };
};

const servedDocument = async (): Promise<Document> => JSON.parse((await request(anyone, '/openapi.json')).text);

/** The document, with references to answers resolved. */
async function documentOf(): Promise<Document> {
  const document = await servedDocument();
  for (const { responses } of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    for (const [status, answer] of Object.entries(responses)) {
      const name = '$ref' in answer && String(answer.$ref).replace('#/components/responses/', '');
      if (name) responses[status] = document.components.responses[name]!;
    }
  }
  return document;
}

const endpointsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      endpoint: `${method.toUpperCase()} ${path}`,
    })),
  );

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate((await servedDocument()) as never);
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect((await servedDocument()).openapi).toMatch(/^3\.1\./);
});

/** Routes that need a caller, and no scope. */
const needsNoScope = (path: string): boolean => /^\/v1\/(session|workspaces|settings|system|user-tokens)\b/.test(path);

// Routes outside the contract: pages of links, whose token is the permission.
const pages = ['approval', 'question', 'input'].flatMap((page) => [`GET /v1/runs/${page}`, `POST /v1/runs/${page}`]);
/** They need no key: the pages, and the logos on them. */
const keyless = [...pages, 'GET /v1/brand/{workspaceId}/{hash}', 'GET /v1/logos/{workspaceId}/{hash}'];

/** Its body is a file, so it is no operation of the contract either. */
const UPLOAD = 'POST /v1/integrations/inspect/upload';

test('the document has every operation of the contract, its status and its errors, and the pages, and no other', async () => {
  const { paths } = await documentOf();
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const operations = Object.values(contract)
    .flatMap((group) => Object.values(group))
    .filter(({ http }) => http !== undefined);
  const promised = operations.map(({ http }) => `${http!.method} ${http!.path}`);
  expect(documented.sort()).toEqual([...promised, ...keyless, UPLOAD].sort());
  expect(operations.length).toBeGreaterThan(15);

  for (const { http, errors, kind } of operations) {
    const { responses } = paths[http!.path]![http!.method.toLowerCase()]!;
    const success = responses[kind === 'subscription' ? 200 : (http!.status ?? 200)];
    expect(success, http!.path).toBeDefined();
    if (kind === 'subscription') expect(Object.keys(success!.content!)).toEqual(['text/event-stream']);
    const statuses = (errors as readonly string[]).map((code) =>
      String(errorTable[code as keyof typeof errorTable].status),
    );
    expect(Object.keys(responses)).toEqual(expect.arrayContaining([...new Set([...statuses, '401'])]));
  }
});

test('every operation has a description, its answers, and an example of each kind', async () => {
  for (const { endpoint, description, responses } of endpointsOf(await documentOf())) {
    expect([endpoint, description?.length ?? 0]).toEqual([endpoint, expect.toSatisfy((length) => length > 10)]);
    for (const [status, answer] of Object.entries(responses)) {
      expect([endpoint, status, answer.description]).not.toEqual([endpoint, status, 'Success']);
      for (const [type, { examples }] of Object.entries(answer.content ?? {})) {
        // Pages for people and images need no example.
        if (type === 'text/html' || type.startsWith('image/')) continue;
        expect([endpoint, status, Object.keys(examples ?? {}).length > 0]).toEqual([endpoint, status, true]);
      }
    }
  }
});

test('common answers are documented at every operation, with their headers', async () => {
  const { paths } = await documentOf();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { responses, security, 'x-user-token-ability': ability }] of Object.entries(methods)) {
      if (keyless.includes(`${method.toUpperCase()} ${path}`)) continue;
      expect(security).toEqual([{ apiKey: [] }, { bearer: [] }, ...(ability ? [{ userToken: [] }] : [])]);
      const refusals = needsNoScope(path) ? ['401'] : ['401', '403'];
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', ...refusals, '429', '500', '503']));
      for (const status of ['429', '503']) expect(responses[status]!.headers).toHaveProperty('retry-after');
      expect(responses['401']!.headers).toHaveProperty('www-authenticate');
      const success = Object.keys(responses).find((status) => status.startsWith('2'))!;
      expect(Object.keys(responses[success]!.headers)).toEqual(
        expect.arrayContaining(['x-request-id', 'ratelimit', 'ratelimit-policy']),
      );
    }
  }
  expect(paths['/v1/runs']!.post!.responses['201']!.headers).toHaveProperty('idempotent-replayed');
});

test('every operation names the abilities of user tokens, or refuses them', async () => {
  const { paths } = await servedDocument();
  const abilities = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap((operation) => {
      const ability = operation['x-user-token-ability'];
      return ability ? [[operation.operationId, ability] as const] : [];
    }),
  );
  const table = Object.entries(userOperations).map(([name, ability]) => [
    name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase()),
    ability,
  ]);
  expect(Object.fromEntries(abilities)).toEqual(Object.fromEntries(table));
});

test('the documented headers are sent', async () => {
  const listed = await request(workspace, '/v1/runs');
  const refused = await request(anyone, '/v1/runs');
  expect([...listed.headers.keys()]).toEqual(expect.arrayContaining(['x-request-id', 'ratelimit', 'ratelimit-policy']));
  expect([refused.status, refused.headers.has('www-authenticate')]).toEqual([401, true]);
});

test('every route needs a scope, or documents that it needs no key', async () => {
  for (const [path, methods] of Object.entries((await documentOf()).paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { security, 'x-required-scope': scope } = operation;
      const open = security.length === 0 || security.some((requirement) => Object.keys(requirement).length === 0);
      const name = `${method.toUpperCase()} ${path}`;
      expect([method, path, open ? keyless.includes(name) : Boolean(scope) || needsNoScope(path)]).toEqual([
        method,
        path,
        true,
      ]);
    }
  }
});

test('every documented route is served', async () => {
  const { paths } = await documentOf();
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const url = path.replaceAll(/\{\w+\}/g, 'x');
      const endpoint = `${method.toUpperCase()} ${path}`;
      const isPage = keyless.includes(endpoint);
      const { status } = await request(anyone, pages.includes(endpoint) && method === 'get' ? `${url}?token=x` : url, {
        method: method.toUpperCase(),
        ...(isPage &&
          method === 'post' && {
            body: {
              token: 'x',
              ...(path.endsWith('question') && { answer: 'x' }),
              ...(path.endsWith('input') && { action: 'decline' }),
            },
          }),
      });
      expect([endpoint, status]).toEqual([endpoint, isPage ? 404 : 401]);
    }
  }
});

test('openapi.json, from which the REST client is generated, is the document that is served', async () => {
  const committed = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  expect(await servedDocument()).toEqual(committed);
});

test('the document has the version of the packages', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect((await documentOf()).info.version).toBe(version);
});

test('the document is not sent again to a client that has it', async () => {
  const etag = (await request(anyone, '/openapi.json')).headers.get('etag')!;
  expect(await request(anyone, '/openapi.json', { headers: { 'if-none-match': etag } })).toMatchObject({
    status: 304,
    text: '',
  });
});

test('the reference loads from this origin only', async () => {
  const page = await request(anyone, '/docs');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*connect-src 'self'/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
  expect(sources.length).toBeGreaterThan(1);
  for (const source of sources.filter((source) => !source.startsWith('data:'))) {
    expect(source).toMatch(/^\/[^/]/);
    const script = await request(anyone, source);
    expect([script.status, script.text.length > 100]).toEqual([200, true]);
  }
  expect(page.text).not.toMatch(/https?:\/\//);
  expect((await request(anyone, '/docs/open.js')).text).not.toMatch(/https?:\/\//);
});

test('health, readiness, the start page and the pages of problems answer without a key', async () => {
  expect(await request(anyone, '/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  expect(await request(anyone, '/readyz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  const front = await request(anyone, '/');
  expect([front.status, front.headers.get('location')]).toEqual([302, '/docs']);
  const inBrowser = await request(anyone, '/', { headers: { accept: 'text/html' } });
  expect(inBrowser.headers.get('location')).toBe('/console/');
  for (const code of Object.keys(errorTable)) {
    const { status, text } = await request(anyone, `/problems/${code}`);
    expect([status, JSON.parse(text).code]).toEqual([200, code]);
  }
  expect((await request(anyone, '/problems/toString')).status).toBe(404);
});
