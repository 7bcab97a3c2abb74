// Operations on runs, over every transport.
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Api, transports } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  let release: () => void = () => {};
  workspace = await openWorkspace({
    crm: {
      // unanswered until its run is cancelled, so that there is something to cancel
      onRequest: ({ url }) => (url.includes('hold') ? new Promise<void>((resolve) => (release = resolve)) : undefined),
    },
  });
  return () => {
    release();
    return workspace.close();
  };
});

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  let crm: string;
  beforeAll(async () => {
    api = apiOver(workspace);
    crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  });

  test('a run is created, planned, executed and read', async () => {
    const { created, events, run } = await carryOut(
      api,
      aRun({ metadata: { team: 'sales' }, context: 'for the board' }),
    );

    expect(created).toMatchObject({ status: 'QUEUED', events: [], plan: { planType: 'text' }, waitingOn: [] });
    expect(run).toMatchObject({
      runId: created.runId,
      executionPlanId: created.executionPlanId,
      repeatKey: created.repeatKey,
      status: 'SUCCESS',
      intent: 'List all users',
      context: 'for the board',
      userId: 'user-123',
      approvalStrategy: 'NONE',
      selectedCustomerIntegrationIds: ['*'],
      metadata: { team: 'sales' },
      usage: { steps: 1, toolCalls: 1, inputTokens: 0, outputTokens: 0 },
      events: [],
    });
    expect(JSON.stringify(run.result)).toContain(workspace.crm.data.users[0]!.name);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events[0]).toMatchObject({ type: 'start', runStatus: 'RUNNING', runId: run.runId });
    expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS', result: run.result });
    const step = events.find((event) => event.type === 'step');
    expect(step).toMatchObject({
      step: { approval: 'NOT_REQUIRED', toolCalls: [{ toolName: `${crm}.listUsers`, toolResult: expect.anything() }] },
    });
  });

  test('the same events come from the list, the run and the stream', async () => {
    const { runId } = await api.runs.create(aRun());
    const streamed = await eventsOf(api, runId, true);

    expect((await api.runs.events({ runId, includeToolCalls: true })).events).toEqual(streamed);
    expect((await api.runs.get({ runId, includeEvents: true, includeToolCalls: true })).events).toEqual(streamed);
    const plain = (await api.runs.get({ runId, includeEvents: true })).events;
    expect(plain).toEqual(await eventsOf(api, runId));
    expect(plain).toHaveLength(streamed.length);
    expect(JSON.stringify(plain)).not.toContain('toolCalls');
    const { events } = await api.runs.events({ runId, after: 1, limit: 1 });
    expect(events).toEqual([plain[1]]);
  });

  test('the plan of a run is a program that can be read', async () => {
    const { created } = await carryOut(api, aRun());

    expect(await api.executionPlans.get({ executionPlanId: created.executionPlanId })).toMatchObject({
      planType: 'json',
      plan: {
        goal: expect.any(String),
        steps: [{ tool: `${crm}.listUsers`, effect: 'read', pages: expect.anything() }],
      },
    });
  });

  test('a plan of the caller is executed unchanged', async () => {
    const tool = `${crm}.getAccount`;
    const { id, name } = workspace.crm.data.accounts[3]!;
    const plan = aPlan(tool, {
      steps: [{ id: 'only', tool, args: { path: { accountId: id } } }],
      result: { found: { $: 'steps.only.output.name' } },
    });
    const { created, run } = await carryOut(api, aRun({ plan }));

    expect(created.plan).toMatchObject({
      planType: 'json',
      plan: { steps: [{ id: 'only', args: { path: { accountId: id } } }] },
    });
    expect(run).toMatchObject({ status: 'SUCCESS', result: { found: name }, usage: { toolCalls: 1 } });
  });

  test('a cancelled run ends at once, stays cancelled, and a finished one cannot be cancelled', async () => {
    const tool = `${crm}.listAccounts`;
    const plan = aPlan(tool, { steps: [{ id: 'only', tool, args: { query: { name: 'hold' } } }] });
    const { runId } = await api.runs.create(aRun({ plan }));
    await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('RUNNING');

    expect(await api.runs.cancel({ runId })).toMatchObject({ runId, status: 'CANCELED', endedAt: expect.any(String) });
    expect((await eventsOf(api, runId)).at(-1)).toMatchObject({ type: 'end', runStatus: 'CANCELED' });
    const before = await api.runs.get({ runId, includeEvents: true });
    expect(await api.runs.cancel({ runId })).toMatchObject({ status: 'CANCELED' });
    expect(await api.runs.get({ runId, includeEvents: true })).toEqual(before);

    const { run } = await carryOut(api, aRun());
    await expect(api.runs.cancel({ runId: run.runId })).rejects.toMatchObject({
      status: 409,
      problem: { code: 'run_already_finished' },
    });
    expect(await api.runs.get({ runId: run.runId })).toEqual(run);
  });

  test('a run is rated, and rated again', async () => {
    const { runId } = await api.runs.create(aRun());

    expect(await api.feedback.get({ runId })).toBeNull();
    await expect(api.feedback.put({ runId, comment: 'Fine' })).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', errors: [{ pointer: '/rating' }] },
    });
    const first = await api.feedback.put({
      runId,
      rating: 'negative',
      comment: 'Slow',
      source: { type: 'user', userId: 'user-123', metadata: { device: 'laptop' } },
      metadata: { environment: 'test' },
    });
    expect(first).toMatchObject({
      runId,
      rating: 'negative',
      comment: 'Slow',
      feedbackSource: { type: 'user', userId: 'user-123', metadata: { device: 'laptop' } },
      metadata: { environment: 'test' },
    });
    const second = await api.feedback.put({ runId, rating: 'positive' });
    expect(second).toMatchObject({ id: first.id, rating: 'positive', comment: 'Slow', createdAt: first.createdAt });
    expect(await api.feedback.get({ runId })).toEqual(second);
  });
});
