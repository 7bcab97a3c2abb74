// The baseline for the contract's routes: Fastify alone, answering the same bodies.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';

const { run, runs } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as { run: object; runs: object };
const fastify = Fastify();
fastify.get('/v1/runs/:runId', async () => run);
fastify.get('/v1/runs', async () => runs);
const url = await fastify.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0)).on('SIGTERM', () => process.exit(0));
process.send?.({ url });
