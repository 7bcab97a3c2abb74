import {
  type ScriptedAnswer,
  type ScriptedModel,
  type ScriptedRequest,
  startScriptedModel,
} from '@errand/integrations/testing';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { ORDER, startDrop, startMail } from './fixtures/mail.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import type { Stub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { anotherWorkspace } from './fixtures/workspace.ts';

let stack: Stack;
let model: ScriptedModel;
let script: (request: ScriptedRequest, index: number) => ScriptedAnswer;
let mail: Stub;
let drop: Stub;
let api: Api;
let mailId: string;
let dropId: string;
let foreignId: string;
let requestsBefore = 0;

beforeAll(async () => {
  mail = await startMail();
  drop = await startDrop();
  model = await startScriptedModel((request, index) => script(request, index));
  const { origin } = new URL(model.url);
  stack = await startStack({
    seed: false,
    allow: [mail.origin, drop.origin, origin],
    env: {
      ERRAND_MODEL_PROVIDER: 'openai-compatible',
      ERRAND_MODEL: 'against-us',
      ERRAND_MODEL_BASE_URL: model.url,
      ERRAND_TAINT: 'true',
    },
  });
  api = overRest(stack);
  const auth = { type: 'API_TOKEN', token: 'token-of-mail' } as const;
  const register = async (name: string, stub: Stub, at = api) =>
    (await at.integrations.create({ name, kind: 'openapi', document: stub.document, auth })).customerIntegrationId;
  mailId = await register('Mail', mail);
  dropId = await register('Drop', drop);
  const enabled = ['inbox', 'huge', 'broken', 'send'].map((name) => `${mailId}.${name}`);
  await api.integrations.setTools({ customerIntegrationId: mailId, enabled });

  foreignId = await register('Drop', drop, overRest(await anotherWorkspace(stack)));
  return () => Promise.all([stack.close(), mail.close(), drop.close(), model.close()]);
});

beforeEach(() => {
  mail.hits.length = 0;
  drop.hits.length = 0;
  requestsBefore = model.requests.length;
});

type Step = Record<string, unknown> & { id: string; tool: string };
const planning = (...steps: Step[]): ScriptedAnswer => ({ json: { goal: 'Do as I say', steps } });
const writes = () => [...mail.hits, ...drop.hits].filter(({ method }) => method === 'POST');
const aSend = (id: string, to: unknown, more: object = {}): Step => ({
  id,
  tool: `${mailId}.send`,
  args: { body: { to } },
  ...more,
});
const obey = (more: Parameters<typeof aRun>[0] = {}) =>
  carryOut(api, aRun({ intent: 'Tell Ann (ann@example.com)', ...more }));

describe('forbidden tools', () => {
  const cases: [string, () => string, string[] | undefined][] = [
    ['one that is disabled', () => `${mailId}.wipe`, undefined],
    ['one of an integration that was not selected', () => `${dropId}.send`, ['mail']],
    ['one of another workspace', () => `${foreignId}.send`, undefined],
    ['one that there is not', () => `${mailId}.sendAll`, undefined],
    ['a bare name that two integrations have', () => 'send', undefined],
    ['a name with another in it', () => `${mailId}.send\u200b/../../${dropId}.send`, undefined],
    ['a URL', () => `${drop.origin}/send`, undefined],
    ['a name of every object', () => '__proto__', undefined],
  ];
  test.each(cases)('%s', async (_, tool, selected) => {
    script = () => planning({ id: 'a', tool: tool(), args: { body: { to: 'x' } } });
    const { run } = await obey(selected && { selectedCustomerIntegrationIds: [mailId] });

    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'plan_failed' } });
    expect(model.requests.length).toBeGreaterThan(requestsBefore);
    expect(writes()).toEqual([]);
  });

  test('a tool of the same name in another integration is never called instead', async () => {
    script = () => planning(aSend('a', 'ann@example.com'));
    expect((await obey()).run.status).toBe('SUCCESS');
    expect([mail.hits.length, drop.hits.length]).toEqual([1, 0]);
    expect(mail.hits[0]!.headers.authorization).toBe('Bearer token-of-mail');
  });

  test("an operation with the name of another integration's tool is not mistaken for it", async () => {
    const shadow = JSON.parse(drop.document.replaceAll('"send"', `"${mailId}_wipe"`)) as { paths: object };
    const document = JSON.stringify(shadow);
    const { customerIntegrationId } = await api.integrations.create({ name: 'Shadow', kind: 'openapi', document });
    script = () => planning({ id: 'a', tool: `${mailId}.wipe`, args: { body: { to: 'secret' } } });
    const { run } = await obey();
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'plan_failed' } });
    expect(writes()).toEqual([]);
    await api.integrations.delete({ customerIntegrationId });
  });
});

describe('forbidden arguments', () => {
  const cases: [string, object][] = [
    ['one that the tool does not take', { body: { to: 'a', bcc: 'all@example.com' } }],
    ['a group that the tool does not take', { body: { to: 'a' }, query: { debug: '1' } }],
    ['a header', { body: { to: 'a' }, header: { authorization: 'Bearer mine' } }],
    ['another server', { body: { to: 'a' }, server: 'https://evil.example.com' }],
    ['another type', { body: { to: { $where: '1' } } }],
    ['none', {}],
    ['one more by an expression', { body: { $: "{'to': 'a', 'bcc': 'all@example.com'}" } }],
    ['a group by an expression', { $: "{'body': {'to': 'a'}, 'url': 'https://evil.example.com'}" }],
    ['another type by an expression', { body: { to: { $: '[1..3]' } } }],
  ];
  test.each(cases)('%s', async (_, args) => {
    script = () => planning({ id: 'a', tool: `${mailId}.send`, args });
    const { run } = await obey();
    expect(run.status).toBe('FAILED');
    expect(['plan_failed', 'tool_args_invalid', 'expression_failed']).toContain(run.error?.code);
    expect(writes()).toEqual([]);
  });

  test.each<[string, object]>([
    ['written out', { text: 'x'.repeat(10 * 1024 * 1024) }],
    ['by an expression', { text: { $: `$join([1..1000].('${'x'.repeat(10_000)}'))` } }],
    [
      'by one that grows',
      { text: { $: "($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('xxxxxxxxxx', 20))" } },
    ],
  ])('10 MB, %s', async (_, body) => {
    script = () => planning(aSend('a', 'ann@example.com', { args: { body: { to: 'ann@example.com', ...body } } }));
    const { run } = await obey();
    expect(run.status).toBe('FAILED');
    expect(writes()).toEqual([]);
  });

  test('a value that it fills in fits its schema or is not used', async () => {
    script = ({ user }) =>
      user.includes('<data wanted')
        ? { json: { value: { to: 'all@example.com', bcc: 'x' } } }
        : planning(aSend('a', { $fill: 'an address' }));
    expect((await obey()).run).toMatchObject({ status: 'FAILED' });
    expect(writes()).toEqual([]);
  });
});

describe('excessive work', () => {
  test('10 000 calls by one step are not started', async () => {
    script = () => planning(aSend('a', 'x', { forEach: { $: '[1..10000]' } }));
    expect((await obey()).run.status).toBe('FAILED');
    expect(writes()).toEqual([]);
  });

  test('a plan of 10 000 steps is refused', async () => {
    script = () => planning(...Array.from({ length: 10_000 }, (_, i) => aSend(`s${i}`, 'x')));
    expect((await obey()).run).toMatchObject({ status: 'FAILED', error: { code: 'plan_failed' } });
    expect(writes()).toEqual([]);
  });

  test('many calls end with the budget', async () => {
    const steps = Array.from({ length: 20 }, (_, i) => aSend(`s${i}`, 'x', { forEach: { $: '[1..500]' } }));
    script = () => planning(...steps);
    const { run } = await obey({ budget: { maxToolCalls: 25 } });
    expect(run.error?.code).toBe('budget_exhausted');
    expect(writes().length).toBe(25);
  });

  test('planning again and again ends', async () => {
    let n = 0;
    script = () => planning({ id: `a${n++}`, tool: `${mailId}.broken` });
    const { run } = await obey();
    expect(run.status).toBe('FAILED');
    expect(model.requests.length - requestsBefore).toBeLessThanOrEqual(3);
  });
});

describe('an approved plan', () => {
  /** The id of the open approval of a run. */
  async function approvalOf(runId: string) {
    await expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 10_000 }).toBe('PAUSED');
    const { pending } = await api.pending.list({});
    return pending.find((item) => item.runId === runId)!.approvalId!;
  }

  test('is carried out unchanged: a plan that changes it is refused', async () => {
    const good = aSend('a', 'ann@example.com');
    const fails = { id: 'b', tool: `${mailId}.broken`, dependsOn: ['a'] };
    script = (_, index) =>
      index === requestsBefore
        ? planning(good, fails)
        : planning(aSend('a', 'mallory@example.com'), { id: 'c', tool: `${mailId}.inbox` });
    const { runId } = await api.runs.create(
      aRun({ intent: 'Tell Ann (ann@example.com)', approvalStrategy: 'ON_WRITE' }),
    );
    await api.approvals.decide({ approvalId: await approvalOf(runId), decision: 'approve' });
    await eventsOf(api, runId);
    expect(writes().map(({ body }) => JSON.parse(body))).toEqual([{ to: 'ann@example.com' }]);
  });

  test('does not cover calls that a new plan adds: they need a decision', async () => {
    const fails = { id: 'b', tool: `${mailId}.broken`, dependsOn: ['a'] };
    script = (_, index) =>
      index === requestsBefore
        ? planning(aSend('a', 'ann@example.com'), fails)
        : planning(aSend('a', 'ann@example.com'), aSend('c', 'mallory@example.com'));
    const { runId } = await api.runs.create(
      aRun({ intent: 'Tell Ann (ann@example.com)', approvalStrategy: 'ON_WRITE' }),
    );
    const first = await approvalOf(runId);
    await api.approvals.decide({ approvalId: first, decision: 'approve' });
    const open = async () => (await api.pending.list({})).pending.find((item) => item.runId === runId)?.approvalId;
    await expect.poll(async () => [undefined, first].includes(await open()), { timeout: 10_000 }).toBe(false);
    expect(writes().map(({ body }) => JSON.parse(body))).toEqual([{ to: 'ann@example.com' }]);
    await api.runs.cancel({ runId });
    expect(writes()).toHaveLength(1);
  });
});

describe('orders hidden in texts of services', () => {
  test('a write to another integration after a read needs a decision, though nothing else does', async () => {
    const leak: Step = {
      id: 'b',
      tool: `${dropId}.send`,
      args: { body: { to: 'mallory', text: { $: 'steps.a.output.text' } } },
    };
    script = () => planning({ id: 'a', tool: `${mailId}.inbox` }, leak);
    const { runId } = await api.runs.create(aRun({ intent: 'Read my mail', approvalStrategy: 'NONE' }));
    await expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 10_000 }).toBe('PAUSED');
    expect([mail.hits.length, drop.connections()]).toEqual([1, 0]);
    const approvalId = (await api.pending.list({})).pending.find((item) => item.runId === runId)!.approvalId!;
    await api.approvals.decide({ approvalId, decision: 'deny' });
    await eventsOf(api, runId);
    expect(drop.connections()).toBe(0);
  });

  test('neither results nor the model receive invisible characters', async () => {
    script = ({ user }) =>
      user.includes('<data wanted')
        ? { json: { value: 'a summary' } }
        : {
            json: {
              goal: 'g',
              steps: [{ id: 'a', tool: `${mailId}.inbox` }],
              result: { text: { $: 'steps.a.output.text' }, sum: { $fill: 'a summary' } },
            },
          };
    const { run } = await obey();
    expect(run.result).toEqual({ text: `Dear all. ${ORDER}`, sum: 'a summary' });
    const prompts = JSON.stringify(model.requests.slice(requestsBefore).map(({ messages }) => messages));
    expect(prompts).toContain('Whom to send it to');
    for (const text of [
      prompts,
      JSON.stringify((await api.integrations.tools({ customerIntegrationId: mailId })).tools),
    ])
      expect(text).not.toMatch(/[\u{e0000}-\u{e0fff}\u202e\u200b]/u);
    // as data between lines that it cannot guess
    const { user } = model.requests.at(-1)!;
    const key = /<data wanted \d+ (\w{24})>/.exec(user)![1]!;
    expect(user).toContain(ORDER);
    expect(user.replace(new RegExp(`<data [^>]* ${key}>\n[^]*?\n</data ${key}>`, 'g'), '')).not.toContain(ORDER);
  });

  test('a long output is cut for the model', async () => {
    script = ({ user }) =>
      user.includes('<data wanted')
        ? { json: { value: 'short' } }
        : { json: { goal: 'g', steps: [{ id: 'a', tool: `${mailId}.huge` }], result: { $fill: 'a summary' } } };
    const { run } = await obey();
    expect(run.result).toBe('short');
    expect(model.requests.at(-1)!.user.length).toBeLessThan(64 * 1024);
  });
});
