// The contract's routes over an engine in memory: measures the cost of HTTP and the contract alone.
import { readFileSync } from 'node:fs';
import { errorAnswerOptions, type MountDeps, mountApi } from '@errand/api';
import { Run, RunList, scopes } from '@errand/contracts';
import { newId } from '@errand/db';
import { mountProblems, serverOptions } from '@errand/trpc-openapi';
import Fastify from 'fastify';

const stored = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as { run: unknown; runs: unknown };
const [run, runs] = [Run.parse(stored.run), RunList.parse(stored.runs)];
const caller = { workspaceId: newId(), apiKeyId: newId(), label: 'bench', scopes: [...scopes] };
const requests = { take: async (_: object, granted: number, limit: number) => ({ granted, left: limit, fullMs: 0 }) };
const answers = { get: async () => run, list: async () => runs };
const deps = {
  db: { apiKeys: { verify: async () => caller, requests } },
  engine: answers,
} as unknown as MountDeps;

const fastify = Fastify(serverOptions(errorAnswerOptions));
mountProblems(fastify, errorAnswerOptions);
mountApi(fastify, deps);
const url = await fastify.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0)).on('SIGTERM', () => process.exit(0));
process.send?.({ url });
