// Every list of the contract, read to its end by the helper of the client, from a real service.
import { createClient, everyItem, type PageRequest } from '@errand/client';
import { createRestClient } from '@errand/client/rest';
import { contract } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { type Caller, overTrpc } from '../fixtures/transports.ts';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';

/** More than a page of each of these. */
const MANY = 103;
let workspace: Workspace;
let ids: Record<string, string>;
beforeAll(async () => {
  workspace = await openWorkspace();
  const api = overTrpc(workspace);
  const { customerIntegrationId } = (await api.integrations.list({})).integrations[0]!;
  const { webhookId } = await api.webhooks.create({ url: 'https://hooks.example/1', events: ['run.end'] });
  ids = { customerIntegrationId, webhookId };
  const startAt = new Date(Date.now() + 86_400_000).toISOString();
  await api.schedules.create({ name: 'yearly', cron: '0 9 1 1 *', run: aRun() });
  await Promise.all(Array.from({ length: MANY }, (_, n) => api.runs.create(aRun({ startAt, userId: `user-${n}` }))));
  return () => workspace.close();
});

type List = { input: { shape: Record<string, unknown> }; callers?: string; http?: { path: string } };
const lists = Object.entries(contract).flatMap(([group, list]) =>
  Object.entries(list)
    .filter(([, { kind, input }]) => kind === 'query' && 'cursor' in ((input as unknown as List['input']).shape ?? {}))
    .map(([name, operation]) => ({ name: `${group}.${name}`, operation: operation as unknown as List })),
);
/** The callers of the others are operators and people. */
const ofKeys = lists.filter(({ operation }) => operation.callers === undefined);

const readersOf = ({ name, operation }: (typeof lists)[number], caller: Caller) => {
  const wanted = Object.entries(ids).filter(([field]) => field in operation.input.shape);
  const [group, member] = name.split('.') as [string, string];
  const trpc = createClient(caller) as unknown as Record<
    string,
    Record<string, { query(input: object): Promise<object> }>
  >;
  const rest = createRestClient(caller) as unknown as {
    GET(path: string, init: object): Promise<{ data?: object; error?: unknown }>;
  };
  return [
    (page: PageRequest) => trpc[group]![member]!.query({ ...Object.fromEntries(wanted), ...page }),
    async (query: PageRequest) => {
      const { data, error } = await rest.GET(operation.http!.path, { params: { path: ids, query } });
      if (!data) throw new Error(JSON.stringify(error));
      return data;
    },
  ];
};

test.each(ofKeys)('$name', async (list) => {
  for (const readPage of readersOf(list, workspace)) {
    const items: unknown[] = [];
    for await (const item of everyItem(readPage)) items.push(JSON.stringify(item));
    expect(new Set(items).size).toBe(items.length);
    if (list.name === 'runs.list') expect(items).toHaveLength(MANY);
    if (list.name === 'audit.list') expect(items.length).toBeGreaterThan(0);
  }
});

test('keys read many lists', () => expect(ofKeys.length).toBeGreaterThan(12));
