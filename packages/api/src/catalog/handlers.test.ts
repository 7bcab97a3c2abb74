import { expect, test } from 'vitest';
import { ListPages } from '../lists/list-pages.ts';
import { catalog } from './handlers.ts';

const entries = ['asana', 'slack', 'zoom'].map((id) => ({
  id,
  name: id,
  category: 'chat',
  description: 'x',
  sources: [{ kind: 'openapi' }],
  auth: [],
  tools: {},
  variables: {},
}));

test('a cursor of a service that is gone is refused', async () => {
  let listed = entries;
  const ctx = {
    deps: { catalog: { search: async () => listed }, lists: new ListPages(() => [Buffer.alloc(32, 1)] as never) },
    principal: { workspaceId: 'w' },
  };
  const list = async (cursor?: string) =>
    catalog.list({ input: { pageSize: 1, ...(cursor !== undefined && { cursor }) }, ctx } as never);
  const { nextCursor } = (await list()) as { nextCursor?: string };
  expect(nextCursor).toBeDefined();
  listed = entries.slice(1);
  await expect(list(nextCursor)).rejects.toMatchObject({ code: 'invalid_cursor' });
});
