// Questions of a server of an earlier revision within a call: kept answers are sent at once, others cancel and repeat the call.
import type { InputAnswer, InputRequest, InputResponses, ToolOutcome } from '@errand/contracts';
import { expect, test } from 'vitest';
import { asksWithin } from '../testing/asks-within.ts';
import { newTenant, useStubMcp } from '../testing/fixtures/stub-mcp.ts';

const { call, calls, stub } = useStubMcp();

const requestedSchema = { type: 'object', properties: { seats: { type: 'integer', minimum: 1 } } };
const seats = { message: 'For how many?', requestedSchema };
const read = { tool: { effect: 'read' } } as const;
const accept = (content: InputAnswer['content']): InputAnswer => ({ action: 'accept', content });
const result = (answers: readonly object[]) => ({ content: [], structuredContent: { answers } });
const asksOf = (outcome: ToolOutcome) => (!outcome.ok && outcome.asks) || expect.fail(JSON.stringify(outcome));
/** The input of the repeated call if each question gets this answer. */
const goesOn = (outcome: ToolOutcome, answer: InputAnswer): InputResponses => {
  const { inputs, state } = asksOf(outcome);
  return { answers: Object.fromEntries(inputs.map(({ name }) => [name, answer])), ...(state && { state }) };
};

test.each(['2025-06-18', '2025-11-25'])(
  'a read of %s is given up with the question, and made again',
  async (revision) => {
    for (const apart of [false, true]) {
      const server = asksWithin({ revision, apart, ask: () => [seats], then: result });
      const first = await call(server.behaviour, read);
      expect(first).toMatchObject({ code: 'input_required', effectKnown: 'no', retryable: false });
      expect(asksOf(first).inputs).toMatchObject([{ message: 'For how many?', requestedSchema }]);
      // The server gets a cancellation, and no answer in the user's name.
      await expect.poll(() => server.seen.cancelled).toBe(1);
      expect(server.seen.answers).toEqual([]);
      const again = { ...read, input: goesOn(first, accept({ seats: 2 })) };
      const hits = stub().hits.length;
      expect(await call(server.behaviour, again)).toMatchObject({
        ok: true,
        output: { answers: [{ action: 'accept', content: { seats: 2 } }] },
      });
      expect(hits).toBeGreaterThan(0);
      // The call itself contains neither answers nor a state.
      expect(calls().map(({ params }) => Object.keys(params as object).sort())).toEqual([
        ['_meta', 'arguments', 'name'],
      ]);
      expect(server.seen.capabilities).toEqual(Array(2).fill({ elicitation: { form: {}, url: {} } }));
    }
  },
);

test('only a call that may be made again lets the server ask', async () => {
  const declares = async (tool: object) => {
    const server = asksWithin({ ask: () => [], then: result });
    expect(await call(server.behaviour, { tool })).toMatchObject({ ok: true });
    const listens = stub().hits.some(({ method }) => method === 'GET');
    return [server.seen.capabilities, listens];
  };
  const toolWith = (hints: object) => ({ call: { kind: 'mcp', name: 'x', hints } });
  const none = [[{}], false];
  const both = [[{ elicitation: { form: {}, url: {} } }], true];
  expect(await declares({ effect: 'write' })).toEqual(none);
  expect(await declares({ effect: 'write', ...toolWith({ idempotentHint: true }) })).toEqual(none);
  // The owner declares a read of the server as a write.
  expect(await declares({ effect: 'write', idempotent: true, ...toolWith({ readOnlyHint: true }) })).toEqual(none);
  expect(await declares({ effect: 'write', idempotent: true, ...toolWith({ idempotentHint: true }) })).toEqual(both);
  expect(await declares({ effect: 'read' })).toEqual(both);
});

test('a server that has no stream without a call is asked for it once', async () => {
  const { behaviour } = asksWithin({ ask: () => [], then: result });
  const before: typeof behaviour.before = (request, response, message) =>
    request.method !== 'GET' && behaviour.before!(request, response, message);
  const tenant = newTenant();
  const counts: number[] = [];
  for (let n = 0; n < 3; n++) {
    expect(await call({ ...behaviour, before }, { ...read, tenant })).toMatchObject({ ok: true });
    counts.push(stub().hits.filter(({ method }) => method === 'GET').length);
  }
  expect(counts).toEqual([1, 0, 0]);
});

test('a write whose server asks nevertheless goes on without an answer of the user', async () => {
  const server = asksWithin({ ask: () => [seats], then: result });
  expect(await call(server.behaviour)).toMatchObject({ ok: true });
  expect(server.seen.answers).toMatchObject([{ error: { code: -32601 } }]);
});

test('questions one after the other are kept, and a changed one is asked again', async () => {
  const more = { message: 'Inside?', requestedSchema: { type: 'object', properties: { in: { type: 'boolean' } } } };
  const server = asksWithin({
    ask: (n) => (n < 4 ? [seats, more] : [{ ...seats, message: 'How many now?' }]),
    then: result,
  });
  const first = await call(server.behaviour, read);
  const second = await call(server.behaviour, { ...read, input: goesOn(first, accept({ seats: 2 })) });
  expect(asksOf(second).inputs).toMatchObject([{ message: 'Inside?' }]);
  expect(JSON.stringify(second)).not.toContain('"seats":2');
  const input = goesOn(second, { action: 'decline' });
  expect(await call(server.behaviour, { ...read, input })).toMatchObject({
    output: { answers: [accept({ seats: 2 }), { action: 'decline' }] },
  });
  const changed = await call(server.behaviour, { ...read, input });
  expect(asksOf(changed).inputs).toMatchObject([{ message: 'How many now?' }]);
  const names = [first, second, changed].map((outcome) => asksOf(outcome).inputs[0]!.name);
  expect(new Set(names).size).toBe(3);
  expect(server.seen.answers).toHaveLength(3);
});

test('the same question in another order of members is the same; another form is not', async () => {
  const nameOf = async (params: object) => {
    const { inputs } = asksOf(await call(asksWithin({ ask: () => [params], then: result }).behaviour, read));
    return (inputs[0] as InputRequest).name;
  };
  const { type, properties } = requestedSchema;
  const name = await nameOf(seats);
  expect(await nameOf({ requestedSchema: { properties, type }, message: seats.message })).toBe(name);
  expect(await nameOf({ ...seats, requestedSchema: { ...requestedSchema, required: ['seats'] } })).not.toBe(name);
});

test('what is refused of a form is refused here', async () => {
  const refused = async (params: object, tool: object) =>
    call(asksWithin({ ask: () => [params], then: result }).behaviour, { tool: { effect: 'read', ...tool } });
  const secret = { ...seats, message: 'Your password, please' };
  expect(await refused(secret, {})).toMatchObject({ code: 'input_refused', effectKnown: 'no' });
  const idempotent = {
    effect: 'write',
    idempotent: true,
    call: { kind: 'mcp', name: 'x', hints: { idempotentHint: true } },
  };
  expect(await refused(secret, idempotent)).toMatchObject({ code: 'input_refused', effectKnown: 'unknown' });
});

test('a page is passed on in the revision that has pages; before, it is declined', async () => {
  const page = { mode: 'url', message: 'Sign', url: 'https://sign.example.com/1', elicitationId: '1' };
  const at = (revision: string) => asksWithin({ revision, ask: () => [page], then: result });
  expect(asksOf(await call(at('2025-11-25').behaviour, read)).inputs).toMatchObject([{ openUrl: page.url }]);
  expect(await call(at('2025-06-18').behaviour, read)).toMatchObject({ output: { answers: [{ action: 'decline' }] } });
});

test('a server that asks the same for ever gets forty answers', async () => {
  const server = asksWithin({ ask: () => Array(100).fill(seats) as object[], then: result });
  const input = goesOn(await call(server.behaviour, read), accept({ seats: 2 }));
  expect(await call(server.behaviour, { ...read, input })).toMatchObject({ code: 'input_refused' });
  expect(server.seen.answers).toHaveLength(40);
});

test('bad arguments are no forgotten question', async () => {
  const server = asksWithin({ ask: () => [seats], then: result });
  const input = goesOn(await call(server.behaviour, read), accept({ seats: 2 }));
  const refuses = { ...server.behaviour, call: undefined };
  const outcome = await call(
    {
      ...refuses,
      call: ({ id }, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'bad' } }));
        return undefined;
      },
    },
    { ...read, input },
  );
  expect(outcome).toMatchObject({ code: 'upstream_error', output: expect.stringContaining('bad') });
});
