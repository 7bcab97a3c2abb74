// A deleted workspace: its rows are removed in the background, and its keys, members and name end with it.
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { newPlatformKey } from '../fixtures/operator.ts';
import { beginTask } from '../fixtures/periodic-task.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { overRest } from '../fixtures/transports.ts';
import { aPerson } from './person.ts';

let stack: Stack;
let platformKey: string;
beforeAll(async () => {
  stack = await startStack();
  platformKey = await newPlatformKey(stack);
  return stack.close;
});

const platform = async (path: string, body?: object) => {
  const answer = await request({ url: stack.url, apiKey: platformKey }, `/v1/workspaces${path}`, {
    ...(body && { body }),
  });
  return { ...answer, body: JSON.parse(answer.text) };
};

/** Dates the suspension back, so that the removal need not wait. */
async function suspendedLongAgo(workspaceId: string): Promise<void> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  await client.query(`UPDATE workspace SET suspended_at = now() - interval '5 minutes' WHERE workspace_id = $1`, [
    workspaceId,
  ]);
  await client.end();
}

test('a suspended workspace is deleted by its name, even if the service is killed meanwhile, and another one can have the name', async () => {
  const { body: created } = await platform('', { name: 'Gone', withKey: true, administrator: 'Ada' });
  const { workspaceId, key: apiKey, invitation } = created;
  const ada = await aPerson(stack.url, new URL(invitation).hash.slice(1));
  const api = overRest({ url: stack.url, apiKey });
  const { runId } = await api.runs.create(aRun());
  await api.runs.cancel({ runId });
  const erase = (name: string) => platform(`/${workspaceId}/delete`, { name });
  expect((await erase('Gone')).problem.code).toBe('workspace_not_suspended');
  await platform(`/${workspaceId}/suspend`, {});
  expect((await erase('gone')).problem).toMatchObject({
    code: 'validation_failed',
    errors: [{ pointer: '/name', message: 'This is not the name of the workspace.' }],
  });
  await expect.poll(async () => (await erase('Gone')).status, { timeout: 20_000 }).toBe(202);
  expect((await platform(`/${workspaceId}/resume`, {})).problem.code).toBe('workspace_deleting');
  expect((await platform('', { name: 'Gone' })).problem.code).toBe('workspace_exists');
  await suspendedLongAgo(workspaceId);
  await stack.restart();
  const names = async () => (await platform('')).body.workspaces.map(({ name }: { name: string }) => name);
  await beginTask(stack.databaseUrl, 'workspaces');
  await expect.poll(names, { interval: 200 }).not.toContain('Gone');
  expect((await request({ url: stack.url, apiKey }, '/v1/runs')).status).toBe(401);
  expect((await ada.call('session.get')).body.workspaces).toEqual([]);
  const here = { 'x-errand-workspace': workspaceId };
  expect((await ada.call('runs.list', {}, { headers: here })).body.code).toBe('not_found');
  expect((await erase('Gone')).problem.code).toBe('not_found');
  expect((await platform('', { name: 'Gone' })).status).toBe(201);
});
