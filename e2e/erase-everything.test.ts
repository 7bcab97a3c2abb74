// Everything of a user is erased, even if the service is killed meanwhile. What stays is in docs/erasure.md.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startStubMcpServer } from '@errand/integrations/testing';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { ended, payments, startWaiting } from './fixtures/office.ts';
import { beginTask } from './fixtures/periodic-task.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { dump } from './fixtures/tables.ts';
import { type Api, type Caller, overRest } from './fixtures/transports.ts';
import { anotherWorkspace } from './fixtures/workspace.ts';

const docs = readFileSync(new URL('../docs/erasure.md', import.meta.url), 'utf8');
const namesIn = (text: string) => [...text.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name!);
/** The tables in the first column of a section. */
const tablesOf = (title: string) =>
  docs
    .split(/^## /m)
    .find((section) => section.startsWith(title))!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => namesIn(line.split('|')[1]!));

let stack: Stack;
let stub: Stub;
let mcp: Awaited<ReturnType<typeof startStubMcpServer>>;
let sql: pg.Pool;
let here: Tenant;
/** Answers a slow write. */
let release = () => {};
let slowWrite = new Promise<void>(() => {});

beforeAll(async () => {
  const body = { requestBody: { content: { 'application/json': { schema: { type: 'object' } } } } };
  stub = await startStub({
    echo: {
      method: 'POST',
      more: body,
      answer: (response, { body }) => {
        const said = JSON.parse(body);
        json(response, { said, by: { [memberOf(said.word)]: true } });
      },
    },
    pay: { method: 'POST', more: body, answer: (response) => json(response, { id: 'paid' }) },
    refuse: { method: 'POST', more: body, answer: (response, { body }) => json(response, { problem: body }, 422) },
    vanish: { method: 'POST', more: body, answer: (response) => void response.destroy() },
    slow: {
      method: 'POST',
      more: body,
      answer: async (response) => {
        await slowWrite;
        json(response, { id: 'late' });
      },
    },
    // Its deliveries are kept with their bodies, and posted again later.
    hook: { method: 'POST', answer: (response) => void response.writeHead(500).end() },
  });
  const seats = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
  mcp = await startStubMcpServer({
    modern: true,
    tools: [{ name: 'book', title: 'Book a table', inputSchema: { type: 'object' } }],
    call: ({ params }) =>
      params?.inputResponses
        ? { content: [], structuredContent: { booked: true } }
        : {
            resultType: 'input_required',
            requestState: 'table-1',
            inputRequests: {
              name: {
                method: 'elicitation/create',
                params: { mode: 'form', message: 'For whom?', requestedSchema: seats },
              },
            },
          },
  });
  stack = await startStack({ seed: false, allow: [stub.origin, mcp.origin] });
  sql = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
  sql.on('error', () => {});
  here = await aTenant(stack);
  return async () => {
    release();
    await sql.end();
    await stack.close();
    await Promise.all([stub.close(), mcp.close()]);
  };
});

type Tenant = { caller: Caller; api: Api; id: string; tables: string };

/** A workspace with the integrations, a webhook, and an action that a run of nobody's interest gave. */
async function aTenant(caller: Caller): Promise<Tenant> {
  const api = overRest(caller);
  const auth = { type: 'API_TOKEN', token: 't' } as const;
  const office = await api.integrations.create({ name: 'Office', kind: 'openapi', document: stub.document, auth });
  const tables = await api.integrations.create({ name: 'Tables', kind: 'mcp', url: mcp.url, enable: 'all' });
  await api.webhooks.create({ url: `${stub.origin}/hook`, events: ['run.end', 'run.waiting', 'connection.created'] });
  const id = office.customerIntegrationId;
  const { run } = await carryOut(api, aRun({ userId: 'saver', plan: aPlan(`${id}.pay`) }));
  await api.actions.keep({ key: 'pay', runId: run.runId });
  return { caller, api, id, tables: tables.customerIntegrationId };
}

type Subject = { userId: string; name: string; mark: string };
const aSubject = (userId = `user-${randomBytes(6).toString('hex')}`): Subject => ({
  userId,
  name: `Name${randomBytes(6).toString('hex')}`,
  mark: `mark${randomBytes(6).toString('hex')}`,
});

/** A name of a member that does not look like data. */
const memberOf = (word = '') =>
  `of_${word.replaceAll(/[^g-z]/g, (letter) => 'ghijklmnopqrstuv'[Number.parseInt(letter, 16)] ?? 'z')}`;

/** Makes data of a user in each table: the mark is in texts, arguments, outputs, answers and metadata. */
async function live({ api, id, tables }: Tenant, { userId, name, mark }: Subject): Promise<void> {
  const base = { userId, user: { name }, intent: `Do ${mark}`, metadata: { of: mark }, context: `word=${mark}` };
  await api.integrations.putCredentials({ customerIntegrationId: id, userId, apiToken: `token-of-${mark}` });
  const call = (tool: string, more: object = {}) =>
    aRun({
      ...base,
      plan: { goal: mark, steps: [{ id: 'only', tool: `${id}.${tool}`, args: { body: { word: mark } } }], ...more },
    });
  const result = { $: "{'said': steps.only.output.said}" };
  const once = { ...call('echo', { result }), repeatKey: `key-${mark}`, idempotencyKey: `once-${mark}` };
  const { run } = await carryOut(api, once);
  expect([run.status, JSON.stringify(run.result)]).toEqual(['SUCCESS', expect.stringContaining(mark)]);
  await api.runs.create(once);
  await api.feedback.put({ runId: run.runId, rating: 'positive', comment: mark });
  await ended(api, (await api.runs.rerun({ runId: run.runId, mode: 'same_plan' })).runId);
  await ended(api, (await api.actions.run({ key: 'pay', userId })).runId);
  expect((await carryOut(api, call('refuse'))).run.status).toBe('FAILED');
  const paying = await startWaiting(api, payments({ id } as never, [25], base));
  const approval = {
    approvalId: paying.waitingOn[0]!.approvalId!,
    decision: 'approve',
    reason: `because ${mark}`,
  } as const;
  await api.approvals.decide(approval);
  await ended(api, paying.runId);
  const ask = { id: 'which', tool: 'errand.ask', args: { question: `Which ${mark}?` } };
  const asking = await startWaiting(api, aRun({ ...base, plan: { goal: mark, steps: [ask] } }));
  await api.questions.answer({ requestId: asking.waitingOn[0]!.requestId!, answer: `That ${mark}` });
  await ended(api, asking.runId);
  const booking = await startWaiting(api, aRun({ ...base, plan: aPlan(`${tables}.book`) }));
  await api.inputs.answer({ requestId: booking.waitingOn[0]!.requestId!, action: 'accept', content: { name: mark } });
  await ended(api, booking.runId);
  await api.schedules.create({ name: 'Daily', cron: '0 0 1 1 *', run: aRun(base) });
  // These stay open: one with an unknown effect, one that waits for a person.
  await startWaiting(api, call('vanish'));
  await startWaiting(api, payments({ id } as never, [30], base));
  const expiresAt = new Date(Date.now() + 1e8).toISOString();
  await api.approvalRules.create({ tool: `${id}.pay`, userId, reason: mark, expiresAt });
}

const erase = ({ caller }: Tenant, { userId }: Subject) =>
  request(caller, `/v1/users/${userId}?erase=everything`, { method: 'DELETE' });
const answerOf = async (answer: ReturnType<typeof erase>) => JSON.parse((await answer).text);

/** Tables with a row that contains a text, except rows of a workspace. */
async function tablesWith(text: string, exceptOf = 'none'): Promise<string[]> {
  const rows = Object.entries(await dump(stack.databaseUrl));
  return rows
    .filter(([, all]) => all.some((row) => row.includes(text) && !row.includes(exceptOf)))
    .map(([table]) => table.replace(/^public\./, ''));
}

/** A write in flight, which ends when `release` is called. */
async function startSlowWrite({ api, id }: Tenant, { userId, mark }: Subject): Promise<string> {
  slowWrite = new Promise((resolve) => {
    release = resolve;
  });
  const steps = [{ id: 'slow', tool: `${id}.slow`, args: { body: { word: mark } } }];
  const { runId } = await api.runs.create(aRun({ userId, plan: { goal: mark, steps } }));
  await expect.poll(() => stub.hits.some(({ operation }) => operation === 'slow'), { timeout: 60_000 }).toBe(true);
  return runId;
}

/** Lets the removal stop within a statement, as a barrier. @returns resolves when it has stopped, and lets it fail */
async function stopRemoval() {
  await sql.query(`CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(50); RETURN NULL; END $$;
    CREATE TRIGGER stops AFTER DELETE ON run_text FOR EACH STATEMENT EXECUTE FUNCTION stop()`);
  const sleeping = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
  return {
    stopped: () => expect.poll(async () => (await sql.query(sleeping)).rows.length, { timeout: 60_000 }).toBe(1),
    async end() {
      await sql.query(`SELECT pg_terminate_backend(pid) FROM (${sleeping}) AS s`);
      await sql.query('DROP TRIGGER stops ON run_text; DROP FUNCTION stop()');
    },
  };
}

test('each table of the database is in the docs', async () => {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'`,
  );
  const sections = docs.slice(docs.indexOf('## What is removed'));
  expect(rows.map(({ name }) => name).filter((name) => !namesIn(sections).includes(name))).toEqual([]);
});

test('nothing of an erased user is left but what the docs name, even if the service is killed; others keep everything', async () => {
  const { workspaceId, ...caller } = await anotherWorkspace(stack, 'elsewhere');
  const elsewhere = await aTenant(caller);
  const subject = aSubject();
  const other = aSubject();
  const namesake = aSubject(subject.userId);
  await live(here, subject);
  await Promise.all([live(here, other), live(elsewhere, namesake)]);
  const slowRun = await startSlowWrite(here, subject);
  // A failed delivery is stored with its body.
  for (const { mark } of [subject, other, namesake])
    await expect.poll(() => tablesWith(mark), { timeout: 60_000, interval: 500 }).toContain('webhook_delivery');
  const [ofOther, ofNamesake] = [await tablesWith(other.mark), await tablesWith(namesake.mark)];
  expect(ofOther).toEqual(
    expect.arrayContaining([
      'run',
      'ledger',
      'decision_request',
      'feedback',
      'idempotency',
      'schedule',
      'webhook_delivery',
      'approval_rule',
    ]),
  );
  expect(await tablesWith(memberOf(subject.mark), workspaceId)).toContain('tool');
  const removal = await stopRemoval();

  const answers = await Promise.all([answerOf(erase(here, subject)), answerOf(erase(here, subject))]);
  for (const answer of answers) {
    expect(answer).toMatchObject({
      erasing: true,
      erasingAt: expect.any(String),
      cancelled: 3,
      uncertainCount: 2,
      actions: [],
    });
    const uncertain = answer.uncertain.map(({ runId, tool }: { runId: string; tool: string }) => [
      tool,
      runId === slowRun,
    ]);
    expect(uncertain.toSorted()).toEqual([
      [`${here.id}.slow`, true],
      [`${here.id}.vanish`, false],
    ]);
  }
  expect(answers.flatMap(({ erased }) => erased)).toEqual([here.id]);
  await removal.stopped();
  await stack.kill();
  await removal.end();
  expect(await tablesWith(subject.mark, workspaceId)).toContain('run');
  expect(await tablesWith(subject.mark, workspaceId)).not.toContain('ledger');
  release();
  await stack.restart();
  const { erasingAt } = await here.api.users.get({ userId: subject.userId });
  expect(erasingAt).toBe(answers[0].erasingAt);
  expect(await answerOf(erase(here, subject))).toEqual({ ...answers[0], erased: [] });
  await sql.query(`UPDATE user_erasure SET requested_at = now() - interval '5 minutes'`);
  await beginTask(stack.databaseUrl, 'erasures');
  const status = async () => (await request(here.caller, `/v1/users/${subject.userId}`)).status;
  await expect.poll(status, { timeout: 90_000, interval: 200 }).toBe(404);

  const kept = tablesOf('What stays');
  for (const text of Object.values(subject)) {
    const left = await tablesWith(text, workspaceId);
    expect([text, left.filter((table) => !kept.includes(table))]).toEqual([text, []]);
  }
  expect(await tablesWith(subject.userId, workspaceId)).toEqual(['audit']);
  expect(await tablesWith(memberOf(subject.mark))).toEqual([]);
  expect([await tablesWith(other.mark), await tablesWith(namesake.mark)]).toEqual([ofOther, ofNamesake]);
  expect((await here.api.runs.list({ userId: other.userId })).runs.length).toBeGreaterThan(5);
  expect((await elsewhere.api.runs.list({ userId: subject.userId })).runs.length).toBeGreaterThan(5);
  const { entries } = await here.api.audit.list({ target: subject.userId });
  expect(entries.map(({ action, actor }) => [action, actor.type])).toEqual([
    ['user.erasure_finished', 'system'],
    ['user.erased', 'api_key'],
    ['user.erased', 'api_key'],
    ['user.erased', 'api_key'],
    ['credential.erased', 'api_key'],
  ]);
  expect(entries[0]!.details).toMatchObject({ cancelled: 3, uncertain: 2 });
});

test('a late answer of a cancelled call does not bring a row back', async () => {
  const subject = aSubject();
  const runId = await startSlowWrite(here, subject);
  expect(await answerOf(erase(here, subject))).toMatchObject({ cancelled: 1, uncertainCount: 1 });
  const runs = async () => (await request(here.caller, `/v1/runs/${runId}`)).status;
  await expect.poll(runs, { timeout: 90_000, interval: 100 }).toBe(404);
  const answered = stub.hits.filter(({ operation }) => operation === 'echo').length;
  release();
  // A later run of the same worker has ended, so the late answer has arrived.
  await carryOut(
    here.api,
    aRun({
      userId: 'later',
      plan: aPlan(`${here.id}.echo`, { steps: [{ id: 'e', tool: `${here.id}.echo`, args: { body: {} } }] }),
    }),
  );
  expect(stub.hits.filter(({ operation }) => operation === 'echo')).toHaveLength(answered + 1);
  const left = await tablesWith(runId);
  expect(left.filter((table) => !tablesOf('What stays').includes(table))).toEqual(['user_erasure']);
});

test('everything needs the scopes of runs; the default erases credentials alone, as before', async () => {
  const subject = aSubject();
  const { userId } = subject;
  await here.api.integrations.putCredentials({ customerIntegrationId: here.id, userId, apiToken: 't' });
  await carryOut(here.api, aRun({ userId, plan: aPlan(`${here.id}.pay`) }));
  const { key } = await here.api.apiKeys.create({ name: 'connections', scopes: ['connections:write', 'runs:read'] });
  const connections = { ...here, caller: { ...here.caller, apiKey: key } };
  expect((await erase(connections, subject)).problem).toMatchObject({ code: 'insufficient_scope' });
  const plain = await request(connections.caller, `/v1/users/${userId}`, { method: 'DELETE' });
  expect(JSON.parse(plain.text)).toEqual({ userId, erased: [here.id] });
  expect(await here.api.users.get({ userId })).toMatchObject({ connections: [], lastRun: { status: 'SUCCESS' } });
});
