import { fileURLToPath } from 'node:url';
import { serverOptions } from '@errand/trpc-openapi';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import type { MountDeps } from './deps.ts';
import { apiDocument } from './document.ts';
import { errorAnswerOptions, mountApi } from './mount.ts';

// Pages on the way of a consent: browsers come there by links and redirects, programs never.
const pages = /^\/v1\/(connect|oauth)(\/|$)/;

test('every route under /v1 is in the document', async () => {
  const routes = new Set<string>();
  const fastify = Fastify(serverOptions(errorAnswerOptions));
  fastify.addHook('onRoute', ({ url }) => {
    if (url.startsWith('/v1/')) routes.add(url.replaceAll(/:(\w+)/g, '{$1}'));
  });
  mountApi(fastify, {
    db: { apiKeys: {} },
    approvals: {},
    consents: {},
    console: { folder: fileURLToPath(new URL('../../../apps/console/dist', import.meta.url)) },
    corsOrigins: [],
    tokens: { issuers: [], onNewKeys: () => {} },
  } as unknown as MountDeps);
  await fastify.ready();
  const documented = Object.keys(apiDocument().paths!);
  expect([...routes].filter((url) => !pages.test(url)).sort()).toEqual(documented.sort());
  await fastify.close();
});
