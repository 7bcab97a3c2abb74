// Questions of a server within a call: which of them are passed on to people.
import { INPUT_LIMITS, Secret } from '@errand/contracts';
import { expect, test } from 'vitest';
import { token, useStubMcp } from '../testing/fixtures/stub-mcp.ts';
import { json } from '../testing/stub-mcp-server.ts';

const { call, calls } = useStubMcp();

const properties = { seats: { type: 'integer', minimum: 1 } };
const form = (params: object = {}) => ({
  method: 'elicitation/create',
  params: { mode: 'form', message: 'For how many?', requestedSchema: { type: 'object', properties }, ...params },
});
const asks = (inputRequests: object, requestState?: unknown) => ({
  resultType: 'input_required',
  inputRequests,
  ...(requestState !== undefined && { requestState }),
});
const outcomeOf = (result: object) => call({ modern: true, call: () => result });
const fieldsOf = async (fields: object) => {
  const outcome = await outcomeOf(asks({ it: form({ requestedSchema: { type: 'object', properties: fields } }) }));
  const [input] = 'asks' in outcome ? outcome.asks!.inputs : [];
  return input && 'requestedSchema' in input ? input.requestedSchema.properties : outcome;
};

test('a form, a page and the state are passed on; the state never as text', async () => {
  const page = {
    method: 'elicitation/create',
    params: { mode: 'url', message: 'Pay', url: 'https://pay.example.com/1' },
  };
  const outcome = await outcomeOf(asks({ a: form(), b: page }, 'state-1'));
  expect(outcome).toMatchObject({
    ok: false,
    code: 'input_required',
    effectKnown: 'no',
    asks: {
      inputs: [
        { name: 'a', message: 'For how many?', requestedSchema: { type: 'object', properties } },
        { name: 'b', message: 'Pay', openUrl: 'https://pay.example.com/1' },
      ],
      state: expect.any(Secret),
    },
  });
  expect(JSON.stringify(outcome)).not.toContain('state-1');
});

test('what it says is shown without hidden characters and without our secrets, cut', async () => {
  const message = `tok-4711 \u202Eabc ${'x'.repeat(5000)}`;
  const outcome = await call({ modern: true, call: () => asks({ a: form({ message }) }) }, { auth: token });
  const [input] = 'asks' in outcome ? outcome.asks!.inputs : [];
  expect(input!.message).toMatch(/^\[secret\] abc x+$/);
  expect(input!.message.length).toBe(INPUT_LIMITS.letters);
});

test.each<[string, object, object]>([
  ['labels beside values', { type: 'string', enum: ['a'], enumNames: ['A'] }, { oneOf: [{ const: 'a', title: 'A' }] }],
  [
    'labelled values',
    { oneOf: [{ const: 'a', title: 'A', x: 1 }] },
    { type: 'string', oneOf: [{ const: 'a', title: 'A' }] },
  ],
  ['several choices', { type: 'array', items: { enum: ['a', 'b'] } }, { items: { type: 'string', enum: ['a', 'b'] } }],
  ['what is more', { type: 'string', format: 'email', $ref: '#/x', onclick: 1 }, { type: 'string', format: 'email' }],
])('a field with %s', async (_, field, expected) => {
  const fields = (await fieldsOf({ it: field })) as { it: object };
  expect(fields.it).toMatchObject(expected);
  if ('oneOf' in fields.it) expect(fields.it).not.toHaveProperty('enum');
  expect(JSON.stringify(fields)).not.toMatch(/\$ref|onclick|"x"/);
});

test.each<[string, object, string]>([
  ['a password', form({ message: 'Your password, please' }), 'password'],
  ['a token', form({ requestedSchema: { type: 'object', properties: { apiKey: { type: 'string' } } } }), 'password'],
  [
    'a card',
    form({ requestedSchema: { type: 'object', properties: { c: { type: 'string', title: 'Card number' } } } }),
    'card',
  ],
  ['a nested form', form({ requestedSchema: { type: 'object', properties: { a: { type: 'object' } } } }), 'flat'],
  [
    'a page without https',
    { method: 'elicitation/create', params: { mode: 'url', message: 'x', url: 'javascript:1' } },
    'https',
  ],
  [
    'a page with a login in it',
    { method: 'elicitation/create', params: { mode: 'url', message: 'x', url: 'https://a:b@x.example' } },
    'https',
  ],
  ['a model', { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }, 'not supported'],
  [
    'a form of 1 MB',
    form({
      requestedSchema: { type: 'object', properties: { a: { type: 'string', description: 'x'.repeat(1_000_000) } } },
    }),
    'too large',
  ],
  [
    'a thousand things',
    Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`q${n}`, form()])),
    '1000 questions',
  ],
])('%s is not passed on', async (name, request, why) => {
  const outcome = await outcomeOf(asks(name === 'a thousand things' ? request : { it: request }));
  expect(outcome).toMatchObject({ ok: false, code: 'input_refused', message: expect.stringContaining(why) });
});

test.each([
  ...['Ihr Passwort', 'Kreditkartennummer?', 'Uw wachtwoord', 'Votre mot de passe', 'Numéro de carte', 'Su contraseña'],
  ...[
    'Codice di sicurezza',
    'A sua senha',
    'Podaj hasło',
    'パスワードを入力してください',
    '请输入密码',
    '請輸入驗證碼',
  ],
  ...['Ｐａｓｓｗｏｒｄ', 'Clé secrète', 'Tarjeta de crédito'],
])('a secret is known in other languages: %s', async (title) => {
  const fields = { properties: { a: { type: 'string', title } } };
  expect(await outcomeOf(asks({ it: form({ requestedSchema: { type: 'object', ...fields } }) }))).toMatchObject({
    code: 'input_refused',
  });
  expect(await outcomeOf(asks({ it: form({ message: title }) }))).toMatchObject({ code: 'input_refused' });
});

test('a field that is not to be shown again is a secret, whatever it is called', async () => {
  for (const field of [{ writeOnly: true }, { format: 'password' }]) {
    const requestedSchema = { type: 'object', properties: { a: { type: 'string', ...field } } };
    expect(await outcomeOf(asks({ it: form({ requestedSchema }) }))).toMatchObject({ code: 'input_refused' });
  }
});

test.each([
  ['a wish in German', { a: { type: 'string', title: 'Passt Ihnen der Termin?' } }],
  ['a key in Spanish', { a: { type: 'string', title: 'Palabra clave de la búsqueda' } }],
  ['a menu in French', { a: { type: 'string', title: 'À la carte ou menu' } }],
  ['a card of a board', { card: { type: 'string', title: 'Which card' } }],
  ['tokens of a budget', { maxTokens: { type: 'integer' } }],
  ['a note to pin', { pinned: { type: 'boolean', title: 'Pin it' } }],
])('%s is no secret', async (_, fields) => {
  expect(await fieldsOf(fields)).toMatchObject(fields);
});

test('a state of more than 64 KiB is refused', async () => {
  expect(await outcomeOf(asks({ a: form() }, 'x'.repeat(65_537)))).toMatchObject({ code: 'input_refused' });
});

test('the answer goes out with the state as it came; what the server does not take any more is told', async () => {
  const answers = { it: { action: 'accept' as const, content: { seats: 2 } } };
  const input = { answers, state: new Secret('state-1') };
  await call({ modern: true }, { input });
  expect(calls()[0]!.params).toMatchObject({ inputResponses: answers, requestState: 'state-1' });
  const gone = { code: -32602, message: 'gone' };
  for (const [effect, effectKnown] of [
    ['write', 'unknown'],
    ['read', 'no'],
  ] as const) {
    const behaviour = {
      modern: true,
      call: ({ id }: { id?: unknown }, response: never) =>
        void json(response, 200, { jsonrpc: '2.0', id, error: gone }),
    };
    expect(await call(behaviour as never, { input, tool: { effect } })).toMatchObject({
      code: 'input_expired',
      effectKnown,
    });
  }
});

test('a server that only wants the call again gets it, three times at most', async () => {
  let n = 0;
  const after = (times: number) => () => (n++ < times ? asks({}, `s${n}`) : { content: [], structuredContent: { n } });
  expect(await call({ modern: true, call: after(2) })).toMatchObject({ ok: true, output: { n: 3 } });
  expect(calls().map(({ params }) => (params as { requestState?: string }).requestState)).toEqual([
    undefined,
    's1',
    's2',
  ]);
  n = 0;
  expect(await call({ modern: true, call: after(99) })).toMatchObject({ ok: false, effectKnown: 'unknown' });
  expect(calls()).toHaveLength(4);
});
