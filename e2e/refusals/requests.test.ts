// Invalid requests: each is refused with its code, and changes nothing.
import { contract } from '@errand/contracts';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aRun, carryOut } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Dump, state } from '../fixtures/tables.ts';
import { type Api, overRest, overTrpc, transports } from '../fixtures/transports.ts';

let stack: Stack;
let finished: string;
let before: Dump;
beforeAll(async () => {
  stack = await startStack();
  finished = (await carryOut(overRest(stack), aRun())).run.runId;
  await carryOut(overRest(stack), aRun());
  return () => stack.close();
});
beforeEach(async () => {
  before = await state(stack.databaseUrl);
  expect(Object.values(before).flat().length).toBeGreaterThan(10);
});
afterEach(async () => {
  expect(await state(stack.databaseUrl)).toEqual(before);
});

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const runWith = (metadata: string) =>
  `{"intent":"x","userId":"u","selectedCustomerIntegrationIds":["*"],"metadata":${metadata}}`;
const aRunText = JSON.stringify(aRun());
const unknown = crypto.randomUUID();
const operations = Object.entries(contract).flatMap(([group, ones]) =>
  Object.entries(ones)
    // e2e/people has the operations for other callers than keys.
    .filter(([, op]) => op.callers === undefined || op.callers === 'anyone')
    .map(([name, { kind, http }]) => ({ group, name, kind, http: http! })),
);

type RefusalCase = [title: string, path: string, options: Parameters<typeof request>[2], status: number, code: string];
const post = (body: unknown, headers: Record<string, string> = {}) => ({ body, headers });

const times = (after: string, before: string) => `createdAfter=${after}T00:00:00Z&createdBefore=${before}T00:00:00Z`;

const rows: RefusalCase[] = [
  ['malformed JSON', '/v1/runs', post('{"intent":'), 400, 'invalid_json'],
  ['an empty body', '/v1/runs', post(''), 400, 'invalid_json'],
  ['nothing but a byte order mark', '/v1/runs', post('\ufeff'), 400, 'invalid_json'],
  ['bytes that are not UTF-8', '/v1/runs', post(new Uint8Array([0x22, 0xff, 0x22])), 400, 'invalid_json'],
  ['a key __proto__', '/v1/runs', post(runWith('{"__proto__":{"a":"b"}}')), 400, 'invalid_json'],
  ['constructor.prototype', '/v1/runs', post(runWith('{"constructor":{"prototype":{}}}')), 400, 'invalid_json'],
  [
    'a number beyond all numbers',
    '/v1/runs',
    post(aRunText.replace('{', '{"budget":{"maxSeconds":1e400},')),
    400,
    'validation_failed',
  ],
  ['JSON of 65 levels', '/v1/runs', post(runWith(`{"a":${nested(65)}}`)), 400, 'json_too_deep'],
  ['JSON of 5 000 levels', '/v1/runs', post(runWith(`{"a":${nested(5000)}}`)), 400, 'json_too_deep'],
  ['NUL in a string', '/v1/runs', post(aRun({ intent: 'a\0b' })), 400, 'invalid_string'],
  ['a lone surrogate', '/v1/runs', post(runWith('{"a":"\\ud800"}')), 400, 'invalid_string'],
  ['NUL in a path', '/v1/integrations/crm%00', {}, 400, 'invalid_string'],
  ['a malformed escape in a path', '/v1/runs/%E0%A4', {}, 400, 'invalid_string'],
  ['a body beyond the limit', '/v1/runs', post(aRun({ context: 'x'.repeat(1_100_000) })), 413, 'body_too_large'],
  ['plain text', '/v1/runs', post('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
  ['XML', '/v1/runs', post('<run/>', { 'content-type': 'application/xml' }), 415, 'unsupported_media_type'],
  [
    'no content type',
    '/v1/runs',
    post(new Uint8Array([123, 125]), { 'content-type': '' }),
    415,
    'unsupported_media_type',
  ],
  ['a compressed body', '/v1/runs', post(aRun(), { 'content-encoding': 'gzip' }), 415, 'unsupported_media_type'],
  ['a path part too long', `/v1/runs/${'a'.repeat(1100)}`, {}, 414, 'uri_too_long'],
  ['an unknown path', '/v1/nothing', {}, 404, 'not_found'],
  ['a wrong method', '/v1/runs', { method: 'PUT', body: {} }, 405, 'method_not_allowed'],
  ['the key in the query', '/v1/runs?api_key=er_live_1', {}, 400, 'key_in_query'],
  ['page 0', '/v1/runs?page=0', {}, 400, 'validation_failed'],
  ['a negative page', '/v1/runs?page=-1', {}, 400, 'validation_failed'],
  ['a page size of 10⁹', '/v1/runs?pageSize=1e9', {}, 400, 'validation_failed'],
  ['a limit of 0', `/v1/runs/${unknown}/events?limit=0`, {}, 400, 'validation_failed'],
  ['a boolean that is none', '/v1/runs?includeEvents=1', {}, 400, 'validation_failed'],
  ['a parameter that is none', '/v1/runs?colour=red', {}, 400, 'validation_failed'],
  ['a parameter twice', '/v1/runs?page=1&page=2', {}, 400, 'validation_failed'],
  ['a cursor that is none', '/v1/runs?cursor=abc', {}, 400, 'invalid_cursor'],
  ['SQL for a status', `/v1/runs?status=${encodeURIComponent("x' OR 1=1--")}`, {}, 400, 'validation_failed'],
  ['a list of runs of a status that is none', '/v1/runs?status=SUCCESS&status=DONE', {}, 400, 'validation_failed'],
  ['a time that is none', '/v1/runs?createdAfter=yesterday', {}, 400, 'validation_failed'],
  ['times in the wrong order', `/v1/runs?${times('2026-02-01', '2026-01-01')}`, {}, 400, 'validation_failed'],
  ['words of 10 KB', `/v1/runs?q=${'long '.repeat(2000)}`, {}, 400, 'validation_failed'],
  ['words without a letter', `/v1/runs?q=${encodeURIComponent('&|!')}`, {}, 400, 'validation_failed'],
  ['a sort that is none', '/v1/runs?sort=duration', {}, 400, 'validation_failed'],
  ['open runs by duration', '/v1/runs?sort=-duration&status=PAUSED', {}, 400, 'validation_failed'],
  ['an error code that is none', '/v1/runs?errorCode=oops', {}, 400, 'validation_failed'],
  ['usage of days in the wrong order', '/v1/usage?from=2026-02-01&to=2026-01-01', {}, 400, 'validation_failed'],
  ['usage of too many days', '/v1/usage?from=2024-01-01&to=2026-01-01', {}, 400, 'validation_failed'],
  ['usage of too many days by user', '/v1/usage?by=user&from=2026-01-01&to=2026-06-01', {}, 400, 'validation_failed'],
  ['usage of a day that is none', '/v1/usage?from=2026-02-30', {}, 400, 'validation_failed'],
  ['usage of a time', '/v1/usage?from=2026-02-01T00:00:00Z', {}, 400, 'validation_failed'],
  ['usage by what is none', '/v1/usage?by=run', {}, 400, 'validation_failed'],
  ['usage with a parameter that is none', '/v1/usage?page=1', {}, 400, 'validation_failed'],
  ['a stream with a parameter that is none', `/v1/runs/${unknown}/sse?colour=red`, {}, 400, 'validation_failed'],
  ['a run id that is none', '/v1/runs/1', {}, 400, 'validation_failed'],
  ['an event id of another form', `/v1/runs/${unknown}/sse?after=1.5`, {}, 400, 'invalid_event_id'],
  ['a negative event id', `/v1/runs/${unknown}/sse`, { headers: { 'last-event-id': '-1' } }, 400, 'invalid_event_id'],
  [
    'an event id that is text',
    `/v1/runs/${unknown}/sse`,
    { headers: { 'last-event-id': 'x' } },
    400,
    'invalid_event_id',
  ],
];

test.for(rows)('%s is refused over REST', async ([_, path, options, status, code]) => {
  const answer = await request(stack, path, options);

  expect([answer.status, answer.problem.code]).toEqual([status, code]);
  expect(answer.problem).toMatchObject({ type: `/problems/${code}`, status, detail: expect.any(String) });
  expect(answer.headers.get('x-request-id')).toBeTruthy();
  expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|SELECT|node_modules/);
});

test('a wrong method gets the right ones', async () => {
  expect((await request(stack, '/v1/runs', { method: 'PUT', body: {} })).headers.get('allow')).toMatch(/GET.*POST/);
  expect((await request(stack, '/v1/runs', { method: 'PUT', body: {} })).status).toBe(405);
});

test.each([
  ['no key', ''],
  ['a key of another form', 'secret'],
  ['a key with a wrong checksum', `er_live_${'a'.repeat(38)}`],
])('%s gets the same answer, that a key is needed', async (_, apiKey) => {
  const answer = await request({ ...stack, apiKey }, '/v1/runs');

  expect(answer).toMatchObject({ status: 401, problem: { code: 'unauthenticated' } });
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(answer.text).not.toContain(apiKey || 'er_live');
  await expect(overTrpc({ ...stack, apiKey: apiKey || ' ' }).runs.list({})).rejects.toMatchObject({
    status: 401,
    problem: { code: 'unauthenticated' },
  });
});

test('a modified cursor is refused, wherever it was changed', async () => {
  const { pagination } = await overRest(stack).runs.list({ pageSize: 1 });
  const cursor = pagination.nextCursor!;
  expect((await request(stack, `/v1/runs?cursor=${cursor}`)).status).toBe(200);

  const cuts = [cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}.`, ''];
  const changed = Array.from({ length: cursor.length - 1 }, (_, i) => {
    const otherLetter = cursor[i] === 'A' ? 'B' : 'A';
    return cursor.slice(0, i) + otherLetter + cursor.slice(i + 1);
  });
  for (const tampered of [...cuts, ...changed]) {
    const { status, problem } = await request(stack, `/v1/runs?cursor=${tampered}`);
    expect([status, problem.code], tampered).toEqual([400, 'invalid_cursor']);
  }
});

test('an event id beyond the newest event is refused, while a run goes on and after', async () => {
  const { events } = await overRest(stack).runs.events({ runId: finished });
  const last = events.at(-1)!.seq;
  const path = `/v1/runs/${finished}/sse`;
  for (const id of [last + 1, 2 ** 31 - 1, 2 ** 53 - 1, 2 ** 53, '9'.repeat(40)]) {
    for (const ask of [{ headers: { 'last-event-id': String(id) } }, { after: id }]) {
      const { status, problem } = await request(stack, 'after' in ask ? `${path}?after=${id}` : path, ask);
      expect([status, problem.code], String(id)).toEqual([400, 'invalid_event_id']);
    }
  }
  expect((await request(stack, path, { headers: { 'last-event-id': String(last) } })).status).toBe(204);
});

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(stack);
  });
  const refused = (status: number, code: string, ...pointers: string[]) => ({
    status,
    problem: {
      status,
      code,
      ...(pointers.length > 0 && { errors: pointers.map((pointer) => expect.objectContaining({ pointer })) }),
    },
  });

  const inputs: [string, Record<string, unknown>, string, string[]][] = [
    ['text for an integer', { budget: { maxSteps: '5' } }, 'validation_failed', ['/budget/maxSteps']],
    [
      'an integer beyond 2^53',
      { budget: { maxSteps: 2 ** 53 + 2 } },
      'validation_failed',
      ['/budget/maxSteps', '/budget/maxSteps'],
    ],
    ['a field that is none', { colour: 'red' }, 'validation_failed', ['/colour']],
    ['an empty intent', { intent: '' }, 'validation_failed', ['/intent']],
    ['an intent of 10 001', { intent: 'x'.repeat(10_001) }, 'validation_failed', ['/intent']],
    [
      'no integration',
      { selectedCustomerIntegrationIds: [] },
      'validation_failed',
      ['/selectedCustomerIntegrationIds'],
    ],
    ['NUL in a string', { context: 'a\0' }, 'invalid_string', ['/context']],
    ['a lone surrogate', { context: '\ud800' }, 'invalid_string', ['/context']],
    ['a plan of 65 levels', { outputSchema: { a: JSON.parse(nested(65)) } }, 'json_too_deep', []],
    [
      'something handed on to an integration that is not selected',
      { passThrough: [{ customerIntegrationId: 'crm_00000000' }] },
      'validation_failed',
      ['/passThrough/0/customerIntegrationId'],
    ],
  ];
  test.each(inputs)('%s is refused', async (__, more, code, pointers) => {
    await expect(api.runs.create({ ...aRun(), ...more })).rejects.toMatchObject(refused(400, code, ...pointers));
  });

  const misfits: [Record<string, unknown>, string][] = [
    [
      { selectedCustomerIntegrationIds: 5 },
      '/selectedCustomerIntegrationIds: Invalid input: expected array, received number',
    ],
    [
      { approvers: [{ type: 'nobody' }] },
      `/approvers/0/type: Invalid discriminator value. Expected 'person' | 'claimed'`,
    ],
    [
      { plan: { goal: 'x', steps: [{ id: 'a', tool: 'crm.read', say: 5 }] } },
      '/plan/steps/0/say: Invalid input: expected one of string|object, received number',
    ],
  ];
  test.each(misfits)('%j fits no form of its field: the error names what does', async (more, detail) => {
    const created = api.runs.create({ ...aRun(), ...more });
    await expect(created).rejects.toMatchObject({ problem: { code: 'validation_failed', detail } });
  });

  test('an unknown integration is refused', async () => {
    const input = aRun({ selectedCustomerIntegrationIds: ['crm_00000000'] });
    await expect(api.runs.create(input)).rejects.toMatchObject(refused(400, 'connection_not_found'));
  });

  test('an invalid plan is refused with all its faults', async () => {
    const [crm] = (await api.integrations.list({})).integrations;
    const tool = `${crm!.customerIntegrationId}.getAccount`;
    const plan = {
      goal: 'g',
      steps: [
        { id: 'a', tool, args: { path: { accountId: { $: 'steps.b.output.id' } } } },
        { id: 'b', tool: `${crm!.customerIntegrationId}.noSuchTool` },
        { id: 'c', tool, args: { path: { accountId: { $: 'steps.(' } } } },
        { id: 'd', tool, args: { path: {} } },
        { id: 'e', tool, effect: 'write' as const, args: { path: { accountId: 'acc_1' } } },
      ],
    };
    const error = await api.runs.create(aRun({ plan })).catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 400, problem: { code: 'plan_invalid' } });
    const pointers = error.problem.errors.map(({ pointer }: { pointer: string }) => pointer);
    for (const part of ['/plan/steps/1/tool', '/plan/steps/2/args', '/plan/steps/3/args', '/plan/steps/4/effect']) {
      expect(pointers.filter((pointer: string) => pointer.startsWith(part))).not.toEqual([]);
    }
  });

  test('unknown runs, plans and integrations are not found', async () => {
    const missing = refused(404, 'not_found');
    await expect(api.runs.get({ runId: unknown })).rejects.toMatchObject(missing);
    await expect(api.runs.cancel({ runId: unknown })).rejects.toMatchObject(missing);
    await expect(api.runs.events({ runId: unknown })).rejects.toMatchObject(missing);
    await expect(api.executionPlans.get({ executionPlanId: unknown })).rejects.toMatchObject(missing);
    await expect(api.feedback.put({ runId: unknown, rating: 'positive' })).rejects.toMatchObject(missing);
    const customerIntegrationId = 'crm_00000000';
    await expect(api.integrations.get({ customerIntegrationId })).rejects.toMatchObject(missing);
    await expect(api.integrations.tools({ customerIntegrationId })).rejects.toMatchObject(missing);
    await expect(api.integrations.patch({ customerIntegrationId, active: false })).rejects.toMatchObject(missing);
    const user = { customerIntegrationId, userId: 'u' };
    await expect(api.integrations.putCredentials({ ...user, apiToken: 't' })).rejects.toMatchObject(missing);
  });

  test('a finished run cannot be cancelled', async () => {
    await expect(api.runs.cancel({ runId: finished })).rejects.toMatchObject(refused(409, 'run_already_finished'));
  });
});

describe.each(transports)('over %s', (_, apiOver) => {
  test('each operation refuses an unknown field, and names it', async () => {
    type Call = (input: object) => Promise<unknown> & AsyncIterable<unknown>;
    const api = apiOver(stack) as unknown as Record<string, Record<string, Call>>;
    const taken: Record<string, string> = {};
    for (const { group, name, kind, http } of operations) {
      // The REST client sends known fields only; a row above sends more.
      if (apiOver === overRest && `${group}.${name}` === 'runs.stream') continue;
      const ids = [...http.path.matchAll(/\{(\w+)\}/g)].map(([, id]) => [id, unknown]);
      const answer = api[group]![name]!({ ...Object.fromEntries(ids), colour: 'red' });
      const first = kind === 'subscription' ? answer[Symbol.asyncIterator]().next() : answer;
      const { problem } = await first.then(
        () => ({ problem: { code: 'taken' } }),
        (error) => error,
      );
      const problemText = `${problem?.code} ${JSON.stringify(problem?.errors)}`;
      if (!/^validation_failed .*colour/.test(problemText)) taken[`${group}.${name}`] = problemText;
    }
    expect(taken).toEqual({});
    expect(operations.length).toBeGreaterThan(60);
  });
});
