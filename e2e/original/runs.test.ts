// Operations of the original on runs, in its field names alone. These tests fail when a field or a default is lost.
import { beforeAll, describe, expect, test } from 'vitest';
import { APP } from '../fixtures/default-service.ts';
import type { OriginalClient } from './client.ts';
import { carryOut as carry, follow, steps } from './follow.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;
const carryOut = (body: Parameters<typeof carry>[1], options?: Parameters<typeof carry>[2]) =>
  carry(client, body, options);

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  return () => world.close();
});

const outputSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { quarter: { type: 'string' }, total: { type: 'number' } },
  required: ['quarter', 'total'],
  additionalProperties: false,
};

describe('a run', () => {
  test('is created, followed to its end and read', async () => {
    const body = salesSummary(world, { outputSchema });
    const { created, events, run } = await carryOut(body, { includeToolCalls: true });

    expect(created).toMatchObject({ status: 'QUEUED', events: [], intent: body.intent, context: body.context });
    expect(created).not.toHaveProperty('repeatRunId');
    expect(created.plan.planType).toBe('text');
    expect([events[0]?.name, events.at(-1)?.name, events.at(-1)?.runStatus]).toEqual(['start', 'end', 'SUCCESS']);
    // By default, runs ask no one.
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['start', 'step', 'end']));
    const [step] = steps(events);
    expect(step).toMatchObject({
      approval: 'NOT_REQUIRED',
      text: expect.any(String),
      toolCalls: [{ toolName: expect.stringContaining(world.crm), toolParameters: expect.any(Object) }],
    });
    expect(step?.toolCalls?.[0]?.toolResult?.approvalResult.status).toBe('NOT_REQUIRED');
    expect(step?.toolCalls?.[0]?.toolResult?.executionResult).toBeTruthy();

    expect(run).toMatchObject({ status: 'SUCCESS', result: { quarter: 'Q4 2023', total: expect.any(Number) } });
    expect(run.executionPlanId).toBe(created.executionPlanId);
    expect(run.events).toHaveLength(events.length);
    expect(run.events.find(({ step: listed }) => listed)?.step?.toolCalls).toHaveLength(1);
    expect(Date.parse(run.updatedAt)).toBeGreaterThanOrEqual(Date.parse(run.createdAt));
    // ids sort by time
    const { created: later } = await carryOut(body);
    expect(later.runId > created.runId).toBe(true);
  });

  test('has events and tool calls only on request', async () => {
    const { events, run } = await carryOut(salesSummary(world));
    expect(steps(events)[0]).not.toHaveProperty('toolCalls');
    expect((await client.run(run.runId)).events).toEqual([]);
    const plain = await client.run(run.runId, { includeEvents: true });
    expect(plain.events.some(({ step }) => step?.toolCalls)).toBe(false);
    expect((await client.runs({ pageSize: 1 })).runs[0]?.events).toEqual([]);
  });

  test('shows its plan as a text until there is a program', async () => {
    const { created } = await carryOut(salesSummary(world));
    expect(await client.plan(created.executionPlanId)).toMatchObject({ planType: 'json', plan: expect.any(Object) });
  });

  test('can be cancelled repeatedly, but not after its end', async () => {
    const { runId } = await client.createRun(salesSummary(world, { approvalStrategy: 'ON_START' }));
    const end = follow(client, runId);
    expect((await client.cancel(runId)).status).toBe('CANCELED');
    expect((await client.cancel(runId)).status).toBe('CANCELED');
    expect((await end).at(-1)).toMatchObject({ name: 'end', runStatus: 'CANCELED' });
    const { run } = await carryOut(salesSummary(world));
    await expect(client.cancel(run.runId)).rejects.toMatchObject({ status: 409 });
  });

  test('is rated', async () => {
    const { run } = await carryOut(salesSummary(world));
    expect(await client.feedback(run.runId)).toBeNull();
    await expect(client.rate(run.runId, { comment: 'no rating yet' })).rejects.toMatchObject({ status: 400 });
    const source = {
      type: 'user',
      userId: 'user-123',
      metadata: { device: 'laptop', platform: 'web', version: '17.2', sessionId: 's-1', userAgent: 'Mozilla/5.0' },
    };
    const metadata = {
      version: '1.4.0',
      sessionId: 's-1',
      experimentId: 'exp-7',
      environment: 'production',
      clientVersion: '2.0.1',
    };
    const rated = await client.rate(run.runId, { rating: 'positive', comment: 'Right.', source, metadata });
    expect(rated).toMatchObject({ runId: run.runId, rating: 'positive', comment: 'Right.', metadata });
    expect(rated.feedbackSource).toEqual(source);
    expect(await client.rate(run.runId, { rating: 'negative' })).toMatchObject({ id: rated.id, comment: 'Right.' });
    expect(await client.feedback(run.runId)).toMatchObject({ rating: 'negative', feedbackSource: source });
  });
});

describe('a list of runs', () => {
  test('has every filter', async () => {
    const userId = 'user of the list';
    const { created } = await carryOut(salesSummary(world, { userId }));
    const waiting = await client.createRun(salesSummary(world, { userId, approvalStrategy: 'ON_START' }));
    const idsOf = async (filter: Parameters<OriginalClient['runs']>[0]) =>
      (await client.runs({ userId, ...filter })).runs.map(({ runId }) => runId);
    // The newest first.
    expect(await idsOf({})).toEqual([waiting.runId, created.runId]);
    expect(await idsOf({ status: 'SUCCESS' })).toEqual([created.runId]);
    expect(await idsOf({ customerIntegrationIds: [world.crm] })).toEqual([waiting.runId, created.runId]);
    expect(await idsOf({ customerIntegrationIds: [world.calendar] })).toEqual([]);
    expect(await idsOf({ customerIntegrationIds: [world.calendar, world.crm] })).toHaveLength(2);
    expect(await idsOf({ pageSize: 1, page: 2 })).toEqual([created.runId]);
    expect(await idsOf({ userId: 'nobody' })).toEqual([]);
    const { runs } = await client.runs({ userId, status: 'SUCCESS', includeEvents: true });
    expect(runs[0]?.events.length).toBeGreaterThan(2);
    await client.cancel(waiting.runId);
  });

  test('is paged: page 1 with 10 runs by default', async () => {
    const userId = 'user of the pages';
    const body = salesSummary(world, { userId, approvalStrategy: 'ON_START' });
    const ids = [];
    for (let i = 0; i < 11; i++) ids.push((await client.createRun(body)).runId);
    const { runs, pagination } = await client.runs({ userId });
    expect(pagination).toEqual({ page: 1, pageSize: 10, totalItems: 11, totalPages: 2 });
    expect(runs.map(({ runId }) => runId)).toEqual(ids.slice(1).reverse());
    expect((await client.runs({ userId, page: 2 })).runs.map(({ runId }) => runId)).toEqual([ids[0]]);
    for (const id of ids) await client.cancel(id);
  });
});

describe('a repeat', () => {
  test('executes the plan of the earlier run again, and names that run', async () => {
    const body = salesSummary(world, { repeatKey: 'weekly sales', outputSchema });
    const first = await carryOut(body);
    const second = await carryOut(body);
    expect([first.run.repeatKey, second.run.repeatKey]).toEqual(['weekly sales', 'weekly sales']);
    expect(second.created.repeatRunId).toBe(first.run.runId);
    expect(second.run).toMatchObject({ status: 'SUCCESS', repeatRunId: first.run.runId, result: first.run.result });
    expect(await client.plan(second.run.executionPlanId)).toEqual(await client.plan(first.run.executionPlanId));
  });

  test.each([
    ['intent', { intent: 'Create a summary of the latest sales data by region' }],
    ['user', { userId: 'another user' }],
    ['schema', { outputSchema: { ...outputSchema, title: 'another' } }],
  ])('does not happen when the %s differs', async (difference, more) => {
    const body = salesSummary(world, { repeatKey: `another ${difference}`, outputSchema });
    await carryOut(body);
    expect((await carryOut({ ...body, ...more })).created).not.toHaveProperty('repeatRunId');
  });
});

test('users are listed, read and erased', async () => {
  const userId = 'user-of-users';
  await carryOut(salesSummary(world, { userId }));
  await client.authUrl(world.calendar, userId, { redirectUri: APP });
  expect(JSON.stringify(await client.send('GET', '/v1/users?pageSize=100'))).toContain(`"${userId}"`);
  expect(await client.send('GET', `/v1/users/${userId}`)).toMatchObject({ userId });
  await client.send('DELETE', `/v1/users/${userId}`);
  await expect(client.integrationUser(world.calendar, userId)).rejects.toMatchObject({ status: 404 });
});

test('an idle stream sends keepalives', async () => {
  const { runId } = await client.createRun(salesSummary(world, { approvalStrategy: 'ON_START' }));
  for await (const { name } of client.follow(runId)) {
    if (name !== 'keepalive') continue;
    await client.cancel(runId);
    break;
  }
  expect(await client.run(runId)).toMatchObject({ status: 'CANCELED' });
});
