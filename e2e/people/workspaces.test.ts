// Workspaces of the instance: the platform key and operators make, rename and suspend them, and see nothing inside.
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { openFrames } from '../fixtures/frames.ts';
import { loginLink, newPlatformKey, operatorCommand, platformKeyCommand } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { overRest } from '../fixtures/transports.ts';
import { aPerson, type Person, signIn } from './person.ts';

let stack: Stack;
let platformKey: string;
let operator: Person;

beforeAll(async () => {
  stack = await startStack();
  platformKey = await newPlatformKey(stack);
  operator = await aPerson(stack.url, await loginLink(stack));
  return stack.close;
});

/** Workspaces that the first test creates: several pages. */
const COUNT = 24;

const run = (program: string, ...args: string[]) => operatorCommand(stack, program, ...args);

const platform = (path: string, body?: object, method = body ? 'POST' : 'GET') =>
  request({ url: stack.url, apiKey: platformKey }, path, { method, ...(body && { body }) });
const create = async (body: object) => {
  const answer = await platform('/v1/workspaces', body);
  return { ...answer, workspace: JSON.parse(answer.text) };
};

test('the platform makes many workspaces, each with a key that sees nothing of the others', async () => {
  const made: Awaited<ReturnType<typeof create>>[] = [];
  // Four at once: a service on a busy machine answers 503 to more.
  for (let n = 0; n < COUNT; n += 4) {
    const names = Array.from({ length: 4 }, (_, i) => `Customer ${n + i}`);
    made.push(...(await Promise.all(names.map((name) => create({ name, withKey: true })))));
  }
  expect(made.map(({ status }) => status)).toEqual(Array.from({ length: COUNT }, () => 201));
  const keys = made.map(({ workspace }) => workspace.key as string);
  const runs = await Promise.all(keys.map((apiKey) => overRest({ url: stack.url, apiKey }).runs.create(aRun())));
  for (const [n, apiKey] of keys.entries()) {
    const listed = await overRest({ url: stack.url, apiKey }).runs.list({});
    expect(listed.runs.map(({ runId }) => runId)).toEqual([runs[n]!.runId]);
    const foreign = runs[(n + 1) % runs.length]!.runId;
    expect((await request({ url: stack.url, apiKey }, `/v1/runs/${foreign}`)).status).toBe(404);
  }
  const names: string[] = [];
  for (let cursor = ''; ; ) {
    const page = JSON.parse((await platform(`/v1/workspaces?pageSize=8${cursor}`)).text);
    names.push(...page.workspaces.map(({ name }: { name: string }) => name));
    if (!page.nextCursor) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  expect(names).toHaveLength(COUNT + 1);
});

test('the platform key is refused by every other operation, and by /mcp and /console', async () => {
  for (const path of ['/v1/runs', '/v1/session', '/v1/api-keys', '/v1/audit', '/v1/users'])
    expect([path, (await platform(path)).problem.code]).toEqual([path, 'insufficient_scope']);
  expect((await platform('/trpc/members.list?input=%7B%7D')).status).toBe(403);
  expect((await platform('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(401);
  expect((await platform('/console/trpc/workspaces.list?input=%7B%7D')).status).toBe(401);
});

test('no key of a workspace manages workspaces, and a wrong platform key is refused', async () => {
  for (const [path, body] of [
    ['/v1/workspaces', undefined],
    ['/v1/workspaces', { name: 'mine' }],
  ] as const)
    expect((await request(stack, path, { body })).problem.code).toBe('operators_only');
  for (const apiKey of [`er_platform_${'A'.repeat(43)}`, 'er_platform_'])
    expect((await request({ url: stack.url, apiKey }, '/v1/workspaces')).status).toBe(401);
});

test('an operator manages workspaces and has no scope inside them; other people manage none', async () => {
  const call = (person: Person, name: string, input: object, headers = {}) =>
    person.call(name, input, { mutation: true, headers });
  const { body } = await call(operator, 'workspaces.create', { name: 'By an operator', administrator: 'Grace' });
  expect(body).toMatchObject({ name: 'By an operator', invitation: expect.stringContaining('/console/#') });
  const inside = await operator.call('runs.list', {}, { headers: { 'x-errand-workspace': body.workspaceId } });
  expect(inside.status).toBe(404);

  const grace = await aPerson(stack.url, new URL(body.invitation).hash.slice(1));
  expect((await grace.call('session.get')).body.workspaces).toEqual([
    { workspaceId: body.workspaceId, name: 'By an operator', role: 'admin' },
  ]);
  for (const [name, input] of [
    ['workspaces.create', { name: 'Mine' }],
    ['workspaces.suspend', { workspaceId: body.workspaceId }],
  ] as const)
    expect((await call(grace, name, input)).body.code).toBe('operators_only');
  // An administrator renames the own workspace, and no other one.
  const renamed = await call(grace, 'workspaces.rename', { workspaceId: body.workspaceId, name: 'Grace & Co' });
  expect(renamed.body.name).toBe('Grace & Co');
  const [first] = (await operator.call('session.get')).body.workspaces;
  const other = await call(grace, 'workspaces.rename', { workspaceId: first.workspaceId, name: 'Taken' });
  expect(other.body.code).toBe('operators_only');
});

test('names are unique, also at once, and an unknown workspace is not found', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => create({ name: n % 2 ? 'Twice' : 'TWICE' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  const unknown = `/v1/workspaces/${crypto.randomUUID()}`;
  expect((await platform(`${unknown}/suspend`, {})).problem.code).toBe('not_found');
  expect((await platform(unknown, { name: 'x' }, 'PATCH')).problem.code).toBe('not_found');
});

test('suspending a workspace ends its keys, sessions and streams, and nobody else’s; resuming brings them back', async () => {
  const { workspace } = await create({ name: 'Suspended', withKey: true, administrator: 'Ada' });
  const { workspace: other } = await create({ name: 'Untouched', withKey: true });
  const ada = await aPerson(stack.url, new URL(workspace.invitation).hash.slice(1));
  const here = { 'x-errand-workspace': workspace.workspaceId };
  const streamsOf = (apiKey: string) =>
    Promise.all(Array.from({ length: 5 }, () => openFrames({ url: stack.url, apiKey }, '/v1/runs/sse')));
  const [streams, otherStreams] = [await streamsOf(workspace.key), await streamsOf(other.key)];
  expect([...streams, ...otherStreams].map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  const otherApi = overRest({ url: stack.url, apiKey: other.key });
  const load = async (count: number) => {
    const runs = await Promise.all(Array.from({ length: count }, () => otherApi.runs.create(aRun())));
    return runs.map(({ runId }) => runId);
  };
  const [suspended] = await Promise.all([platform(`/v1/workspaces/${workspace.workspaceId}/suspend`, {}), load(10)]);
  expect(JSON.parse(suspended.text).suspendedAt).toEqual(expect.any(String));
  expect((await request({ url: stack.url, apiKey: workspace.key }, '/v1/runs')).status).toBe(401);
  expect((await ada.call('runs.list', {}, { headers: here })).body.code).toBe('workspace_suspended');
  expect((await ada.call('session.get')).status).toBe(200);
  await Promise.all(streams.map((stream) => stream.rest()));
  // The streams of the other workspace are open: they deliver the next run.
  const [next] = await load(1);
  for (const stream of otherStreams) {
    let frame = await stream.next();
    while (frame && !frame.data?.includes(next!)) frame = await stream.next();
    expect(frame).toBeDefined();
    stream.cut();
  }

  await platform(`/v1/workspaces/${workspace.workspaceId}/resume`, {});
  await expect
    .poll(async () => (await request({ url: stack.url, apiKey: workspace.key }, '/v1/runs')).status, {
      timeout: 35_000,
    })
    .toBe(200);
  expect((await ada.call('runs.list', {}, { headers: here })).status).toBe(200);
  const { body } = await ada.call('audit.list', {}, { headers: here });
  const byPlatform = body.entries.filter(({ actor }: { actor: { type: string } }) => actor.type === 'platform');
  expect(byPlatform.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['workspace.created', 'workspace.suspended', 'workspace.resumed', 'member.invited']),
  );
});

test('the commands make a workspace, and rotate and revoke platform keys', async () => {
  const printed = await run('workspace', 'create', 'Acme', '--link', '--key');
  const apiKey = printed.match(/er_live_\w+/)![0];
  expect((await request({ url: stack.url, apiKey }, '/v1/session')).text).toContain('"name":"Acme"');
  expect((await signIn(stack.url, printed.match(/#([\w-]{43})/)![1]!)).status).toBe(200);
  await expect(run('workspace', 'create', 'Acme')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already'),
  });

  const second = await run('platform-key', 'create', 'second');
  const [id, key] = [second.match(/key is ([\w-]{36})/)![1]!, second.match(/er_platform_[\w-]{43}/)![0]];
  const status = async (apiKey: string) => (await request({ url: stack.url, apiKey }, '/v1/workspaces')).status;
  const keys = (...args: string[]) => platformKeyCommand(stack, ...args);
  const third = (await keys('rotate', id, '3600')).match(/er_platform_[\w-]{43}/)![0];
  expect([await status(key), await status(third)]).toEqual([200, 200]);
  expect(await keys('revoke', id)).toContain('revoked');
  expect([await status(key), await status(third)]).toEqual([401, 200]);
  const listed = await keys('list');
  expect(listed).toContain('our product');
  for (const secret of [platformKey, key, third]) expect(listed + stack.log()).not.toContain(secret);
  await expect(keys('revoke', id)).rejects.toThrow(`There is no valid platform key ${id}.`);
  await expect(run('platform-key', 'destroy')).rejects.toMatchObject({ code: 2 });
});
