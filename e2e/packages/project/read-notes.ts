// A typed client of the server in the README of @errand/trpc-openapi, at the URL of the first argument.
import type { RouterOf } from '@errand/trpc-openapi/contract';
import { createTRPCClient, httpLink } from '@trpc/client';
import type { contract } from './snippets/contract.js';

const [, , url] = process.argv;
const clientOf = (key: string) =>
  createTRPCClient<RouterOf<typeof contract>>({
    links: [httpLink({ url: `${url}/trpc`, headers: { 'x-api-key': key } })],
  });

const { id, text } = await clientOf('ann-writes').notes.write.mutate({ text: 'Buy milk' });
const refused = await clientOf('bob-reads')
  .notes.write.mutate({ text: 'Buy tea' })
  .catch((error) => error);
const response = await fetch(`${url}/v1/notes/${id}`, { headers: { 'x-api-key': 'bob-reads' } });
const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
console.log(
  JSON.stringify({
    text,
    refused: refused.data?.problem.code,
    rest: await response.json(),
    operations: Object.keys(document.paths),
  }),
);
