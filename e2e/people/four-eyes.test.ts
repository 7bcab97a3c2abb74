// Four eyes compare people: the person behind a run cannot decide it with a key of their own, nor the run of that key in person.
import { randomUUID } from 'node:crypto';
import { errands } from '@errand/demo';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Agent, agentOf } from '../agents/agent.ts';
import { ended, type Office, payments, startOffice, startWaiting, tokensOf } from '../fixtures/office.ts';
import { within } from '../fixtures/receiver.ts';
import { type Api, type Caller, overRest } from '../fixtures/transports.ts';
import { aMember, endMembership, type Member } from './members.ts';
import { type Answer, send } from './person.ts';

let office: Office;
let service: Api;
let ada: Member;
let ben: Member;
beforeAll(async () => {
  office = await startOffice({ seed: true, env: { ERRAND_FOUR_EYES: 'true' } });
  service = overRest(office.stack);
  ada = await aMember(office.stack, 'Ada', 'admin');
  ben = await aMember(office.stack, 'Ben', 'admin');
  return () => office.close();
});

const USER = 'user-123';
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const SCOPES = ['runs:read', 'runs:write', 'approvals:decide', 'admin'];
const called = (apiKey: string): Caller => ({ url: office.stack.url, apiKey });

/** One party: a person in a browser, or a caller with a key. */
type Party = { ask: (name: string, input?: object) => Promise<Answer>; caller?: Caller };
const withKey = (caller: Caller): Party => ({
  caller,
  ask: async (name, input = {}) => {
    const [group = '', operation = ''] = name.split('.');
    const api = overRest(caller) as unknown as Record<string, Record<string, (input: object) => Promise<object>>>;
    try {
      return { status: 200, body: await api[group]![operation]!(input), headers: new Headers() };
    } catch (error) {
      const { status, problem } = error as { status: number; problem: object };
      return { status, body: problem, headers: new Headers() };
    }
  },
});
const keyOf = async (maker: Pick<Party, 'ask'>): Promise<Party> => {
  const { status, body } = await maker.ask('apiKeys.create', { name: 'a key', scopes: SCOPES });
  expect(status).toBe(200);
  return withKey(called(body.key));
};
const rotatedBy = async (maker: Pick<Party, 'ask'>): Promise<Party> => {
  const { apiKeyId } = await service.apiKeys.create({ name: 'of the service', scopes: ['admin'] });
  const { body } = await maker.ask('apiKeys.rotate', { apiKeyId });
  return withKey(called(body.key));
};

const waitingRun = async (requester: Pick<Party, 'ask'>, more: object = {}) => {
  const { status, body } = await requester.ask('runs.create', payments(office, [5], { userId: USER, ...more }));
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  const waitingOn = async () => (await service.runs.get({ runId: body.runId })).waitingOn[0];
  await expect.poll(async () => (await service.runs.get({ runId: body.runId })).status, within).toBe('PAUSED');
  return { runId: body.runId as string, approvalId: (await waitingOn())!.approvalId! };
};
const vanishing = () => ({
  plan: {
    goal: 'Vanish',
    steps: [{ id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: randomUUID() } } }],
  },
});

const isRefused = ({ status, body }: Answer) => {
  expect([status, body.code]).toEqual([403, 'self_approval']);
};

/** Pairs of identities of one person: the requester, and the decider. */
const pairs: [string, () => Promise<[requester: Pick<Party, 'ask'>, decider: Party | Member]>][] = [
  ['the person for a run of the own key', async () => [await keyOf(ada), ada]],
  ['the own key for a run of the person', async () => [ada, await keyOf(ada)]],
  ['the person for a run of a key made by the own key', async () => [await keyOf(await keyOf(ada)), ada]],
  ['a key made by the own key for a run of the person', async () => [ada, await keyOf(await keyOf(ada))]],
  ['another own key for a run of the own key', async () => [await keyOf(ada), await keyOf(ada)]],
  ['the person for a run of a key that the person rotated', async () => [await rotatedBy(ada), ada]],
  ['the person in another session', async () => [ada, await ada.again()]],
  ['the person themself', async () => [ada, ada]],
];

describe.each(pairs)('%s', (_, pair) => {
  test('decides nothing by approvals.decide, pending.decide and effects.resolve; another person does', async () => {
    const [requester, decider] = await pair();
    const { runId, approvalId } = await waitingRun(requester, vanishing());
    for (const decision of ['approve', 'deny'])
      isRefused(await decider.ask('approvals.decide', { approvalId, decision }));
    const { body } = await decider.ask('pending.decide', { decisions: [{ approvalId, decision: 'approve' }] });
    expect(body.results).toMatchObject([{ error: { code: 'self_approval' } }]);
    const mayDecide = async (reader: Pick<Party, 'ask'>) =>
      [
        (await reader.ask('pending.list', { runId })).body.pending[0].mayDecide,
        (await reader.ask('approvals.get', { approvalId })).body.mayDecide,
      ].join();
    expect([await mayDecide(decider), await mayDecide(ben)]).toEqual(['false,false', 'true,true']);
    const [entry] = (await decider.ask('pending.list', { runId })).body.pending;
    expect(entry).toMatchObject({ mayNotBecause: 'four_eyes', requestedBy: { id: expect.any(String) } });
    expect((await ben.ask('approvals.decide', { approvalId, decision: 'approve' })).status).toBe(200);
    const effectOf = async () =>
      (await service.runs.get({ runId })).waitingOn.find(({ kind }) => kind === 'effect')?.effectId;
    await expect.poll(effectOf, within).toBeDefined();
    const effectId = await effectOf();
    for (const decision of ['retry', 'happened', 'skip'])
      isRefused(await decider.ask('effects.resolve', { effectId, decision }));
    expect((await ben.ask('effects.resolve', { effectId, decision: 'skip' })).status).toBe(200);
    await ended(service, runId);
  });

  test('allows nothing by a rule; a rule of another person does', async () => {
    const [requester, maker] = await pair();
    const userId = randomUUID();
    const rule = { tool: `${office.id}.pay`, userId, expiresAt: inAnHour() };
    expect((await maker.ask('approvalRules.create', rule)).status).toBe(200);
    const { runId, approvalId } = await waitingRun(requester, { userId });
    expect((await ben.ask('approvals.decide', { approvalId, decision: 'deny' })).status).toBe(200);
    expect((await ended(service, runId)).status).toBe('CANCELED');
    expect((await ben.ask('approvalRules.create', rule)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const { body: allowed } = await requester.ask('runs.create', payments(office, [5], { userId }));
    expect((await ended(service, allowed.runId)).status).toBe('SUCCESS');
  });

  test('decides nothing with a link', async () => {
    const [requester, decider] = await pair();
    const { runId, approvalId } = await waitingRun(requester);
    const [tokens] = await tokensOf(service, runId);
    const session = 'cookie' in decider ? { cookie: decider.cookie, 'x-errand-console': decider.token } : {};
    const key = 'caller' in decider ? { 'x-api-key': decider.caller!.apiKey } : {};
    const post = { body: { token: tokens!.approve }, headers: { ...session, ...key } };
    isRefused(await send(`${office.stack.url}/v1/runs/approval`, post));
    if ('caller' in decider)
      isRefused(await send(`${office.stack.url}/v1/runs/approval?token=${tokens!.approve}`, { headers: key }));
    expect((await ben.ask('approvals.decide', { approvalId, decision: 'deny' })).status).toBe(200);
  });
});

describe('at /mcp', () => {
  const agent = async ({ caller }: Party): Promise<Agent> => agentOf([caller!], { userId: USER });
  const refused = { refused: { code: 'self_approval' } };

  test('the key of a person decides no run of the person; the key of another person does', async () => {
    const { approvalId } = await waitingRun(ada);
    const decision = { approvalId, decision: 'approve' };
    expect(await (await agent(await keyOf(ada))).call('decide', decision)).toMatchObject(refused);
    expect(await (await agent(await keyOf(await keyOf(ada)))).call('decide', decision)).toMatchObject(refused);
    expect(await (await agent(await keyOf(ben))).call('decide', decision)).toMatchObject({ decision: 'approve' });
  });

  test('a person decides no run that an agent with the own key requested; another person does', async () => {
    const { intent, context } = errands.salesSummary;
    const asking = await agent(await keyOf(ada));
    const { runId } = await asking.call('execute_intent', { intent, context, approvalStrategy: 'ON_START' });
    await expect.poll(async () => (await service.runs.get({ runId: String(runId) })).status, within).toBe('PAUSED');
    const { approvalId } = (await service.runs.get({ runId: String(runId) })).waitingOn[0]!;
    isRefused(await ada.ask('approvals.decide', { approvalId, decision: 'approve' }));
    expect(await asking.call('decide', { approvalId, decision: 'approve' })).toMatchObject(refused);
    expect((await ben.ask('approvals.decide', { approvalId, decision: 'deny' })).status).toBe(200);
  });
});

test('a person who made no key of the requester decides, also once the maker has left the workspace', async () => {
  const cleo = await aMember(office.stack, 'Cleo', 'admin');
  const key = await keyOf(cleo);
  const first = await waitingRun(key);
  isRefused(await cleo.ask('approvals.decide', { approvalId: first.approvalId, decision: 'approve' }));
  await endMembership(office.stack, cleo);
  const decision = { approvalId: first.approvalId, decision: 'approve' };
  isRefused(await key.ask('approvals.decide', decision));
  expect((await ben.ask('approvals.decide', decision)).status).toBe(200);
});

test('a key of the service and its maker are two: keys without a person stay distinguished by their chains', async () => {
  const key = withKey(called((await service.apiKeys.create({ name: 'k', scopes: ['runs:read', 'runs:write'] })).key));
  const { approvalId } = await waitingRun(key);
  expect((await ada.ask('approvals.decide', { approvalId, decision: 'deny' })).status).toBe(200);
});

test('the inbox stream says which requests its reader may decide', async () => {
  const { approvalId } = await waitingRun(await keyOf(ada));
  const frame = async (reader: Member) => {
    const stop = new AbortController();
    const input = encodeURIComponent(JSON.stringify({ userId: USER }));
    const { body: session } = await reader.call('session.get');
    const response = await fetch(`${office.stack.url}/console/trpc/pending.watch?input=${input}`, {
      headers: {
        cookie: reader.cookie,
        'x-errand-console': reader.token,
        'x-errand-workspace': session.workspaces[0].workspaceId,
        accept: 'text/event-stream',
      },
      signal: stop.signal,
    });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes(approvalId) && text.endsWith('\n\n')) break;
    }
    stop.abort();
    const line = text.split('\n').find((each) => each.includes(approvalId))!;
    return /"mayDecide":(true|false)/.exec(line)?.[1];
  };
  expect([await frame(ada), await frame(ben)]).toEqual(['false', 'true']);
  expect((await ben.ask('approvals.decide', { approvalId, decision: 'deny' })).status).toBe(200);
});

test('the page of a link leads to the console and names the way with a key', async () => {
  const run = await startWaiting(service, payments(office, [5]));
  const { approvalId } = run.waitingOn[0]!;
  const [tokens] = await tokensOf(service, run.runId);
  const response = await fetch(`${office.stack.url}/v1/runs/approval?token=${tokens!.approve}`, {
    headers: { accept: 'text/html' },
  });
  const page = await response.text();
  const workspaceId = (await ada.call('session.get')).body.workspaces[0].workspaceId;
  expect(page).toContain(`href="${office.stack.url}/console/w/${workspaceId}/decide/${approvalId}"`);
  expect(page).toContain(`POST /v1/approvals/${approvalId}`);
  expect(page).not.toContain('<form');
  await service.runs.cancel({ runId: run.runId });
});
