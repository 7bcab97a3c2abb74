// One run with every kind of request to a model and every kind of answer, with the wire formats of three providers.
import type { Json, RunEvent } from '@errand/contracts';
import { type Conversation, type ScriptedRequest, startScriptedModel } from '@errand/integrations/testing';
import { expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { exhaustive } from './fixtures/combine.ts';
import { startStack } from './fixtures/stack.ts';
import { json, startStub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';

const PEOPLE = ['Ada Byron', 'Kim Lund', 'Ada Stone'].map((name, index) => ({
  id: `p-${index}`,
  name,
  mail: `${name.toLowerCase().replace(' ', '.')}@people.example`,
}));
const text = { type: 'string' };
const queryOf = (name: string) => ({ parameters: [{ name, in: 'query', schema: text }] });
const bodyOf = (...names: string[]) => ({
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, text])), required: names },
      },
    },
  },
});

/** People are listed one per page, rooms are busy, and messages are recorded. */
const startOfficeOfPeople = () =>
  startStub({
    people: {
      more: queryOf('page'),
      answer: (response, { url }) => {
        const page = Number(new URL(url, 'http://stub').searchParams.get('page') ?? 1);
        if (page < PEOPLE.length) response.setHeader('link', `</people?page=${page + 1}>; rel="next"`);
        json(response, { people: [PEOPLE[page - 1]] });
      },
    },
    room: { more: queryOf('at'), answer: (response) => json(response, { why: 'taken; free: 11:00 and 14:00' }, 409) },
    book: { method: 'POST', more: bodyOf('who', 'at', 'text'), answer: (response) => json(response, { booked: true }) },
    tell: { method: 'POST', more: bodyOf('to', 'text'), answer: (response) => json(response, { told: true }) },
  });

/** The answers of the model, one after another. A fill request is answered whenever it comes. */
function script(id: string) {
  const who = {
    id: 'who',
    tool: `${id}.people`,
    pages: { items: { $: 'page.people' }, next: { $: 'link.page' }, into: 'query.page', complete: true },
  };
  const roomStep = { id: 'room', tool: `${id}.room`, args: { query: { at: '10:00' } } };
  const ada = { $: "steps.who.output[id = 'p-2'].mail" };
  const book = (step: string, at: string) => ({
    id: step,
    tool: `${id}.book`,
    dependsOn: ['who'],
    args: { body: { who: ada, at, text: { $fill: 'One friendly sentence for the invitation' } } },
  });
  const others = {
    id: 'others',
    tool: `${id}.tell`,
    forEach: { $: "steps.who.output[id != 'p-2']" },
    args: { body: { to: { $: 'item.mail' }, text: { $fill: 'One sentence to this person: where Ada is' } } },
    unless: { $: '$count(steps.who.output) = 0' },
    say: 'Nobody works here.',
  };
  const looks = { goal: 'See who works here', steps: [who], then: 'plan', mayWrite: [`${id}.book`, `${id}.tell`] };
  const plan = (...steps: object[]) => ({ goal: 'Book a room for Ada', steps: [who, ...steps] });
  const choices = PEOPLE.filter(({ name }) => name.startsWith('Ada')).map(({ id: value, name }) => ({
    value,
    label: name,
  }));
  const result = { at: '14:00', note: { $fill: 'What was done, in five words' } };
  return [
    'I would look at the people first.',
    looks,
    { ask: { question: 'Which Ada do you mean?', choices } },
    plan({ ...roomStep, args: { query: { at: '10:00', room: 'large' } } }),
    plan(roomStep, { ...book('book', '10:00'), dependsOn: ['room'] }),
    plan(book('eleven', '11:00')),
    // Only the service named the hour: the model gets the question and repeats it.
    plan(book('eleven', '11:00')),
    { ...plan({ ...book('two', '14:00'), when: { $: 'steps.who.output == []' } }, others), result },
    { ...plan(book('two', '14:00'), others), result },
  ];
}

const isFill = ({ system }: ScriptedRequest) => system.includes('You fill in values');

/** Answers questions: the second Ada; no to eleven o'clock, in words; yes to everything else. */
async function answerAll(api: Api, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of api.runs.stream({ runId })) {
    events.push(event);
    if (event.type === 'question') await api.questions.answer({ requestId: event.requestId!, answer: 'p-2' });
    const { approvalId, stepId } = event.type === 'step' && event.step.approval === 'PENDING' ? event.step : {};
    if (!approvalId) continue;
    const denied = stepId === 'eleven';
    const reason = 'Book it for 14:00 instead';
    await api.approvals.decide({ approvalId, ...(denied ? { decision: 'deny', reason } : { decision: 'approve' }) });
  }
  return events;
}

// Their wires are tested in packages/integrations/src/model.
const providers = exhaustive ? ['openai', 'anthropic', 'google'] : ['openai'];

test.each(providers)('over the wire of %s', { timeout: 60_000 }, async (provider) => {
  const stub = await startOfficeOfPeople();
  const fills: ScriptedRequest[] = [];
  const plans: ScriptedRequest[] = [];
  let turns: unknown[] = [];
  const conversation: Conversation = (request) => {
    if (!isFill(request)) return { json: turns[plans.push(request) - 1] };
    fills.push(request);
    const facts = request.user.match(/^Number \d+/gm) ?? [];
    const values = Object.fromEntries(facts.map((_, index) => [index + 1, `text ${index + 1}`]));
    return { json: { values } };
  };
  const model = await startScriptedModel(conversation);
  const env = {
    ERRAND_MODEL_PROVIDER: provider,
    ERRAND_MODEL: 'scripted',
    ERRAND_MODEL_BASE_URL: model.url,
    ERRAND_MODEL_API_KEY: 'sk-scripted',
  };
  const stack = await startStack({ env, allow: [new URL(model.url).origin, stub.origin], seed: false });
  const api = overRest(stack);
  const integration = await api.integrations.create({
    name: 'Office',
    kind: 'openapi',
    document: stub.document,
    auth: { type: 'NONE' },
  });
  turns = script(integration.customerIntegrationId);
  const intent = 'Book a room for Ada and tell the others';
  const { runId } = await api.runs.create(aRun({ intent, approvalStrategy: 'ON_WRITE' }));
  const events = await answerAll(api, runId);
  const run = await api.runs.get({ runId });
  const hits = stub.hits.map(({ operation, body }) => [operation, body === '' ? null : (JSON.parse(body) as Json)]);
  await Promise.all([stack.close(), stub.close(), model.close()]);

  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS', result: { at: '14:00', note: 'text 1' } });
  expect(plans.length + fills.length).toBeGreaterThanOrEqual(12);
  expect(run.usage).toMatchObject({ inputTokens: 100 * (plans.length + fills.length) });
  const planTexts = plans.map(({ messages }) => messages.map((message) => message.text).join('\n'));
  expect(planTexts).toHaveLength(turns.length);
  expect(planTexts[1]).toContain('I would look at the people first.');
  for (const { mail } of PEOPLE) expect(planTexts[2]).toContain(mail);
  expect(planTexts[3]).toMatch(/Which Ada do you mean\?.*p-2/);
  expect(planTexts[4]).toContain('has no room here');
  expect(planTexts[5]).toContain('taken; free: 11:00 and 14:00');
  expect(planTexts[6]).toContain('"11:00" comes from an answer of a service');
  expect(planTexts[7]).toContain('Book it for 14:00 instead');
  expect(planTexts[8]).toContain('Equality is =');
  // The people were read once, page by page; there was one booking, and everyone else got one message.
  expect(hits.filter(([operation]) => operation === 'people')).toHaveLength(3);
  expect(hits.filter(([operation]) => operation === 'book')).toEqual([
    ['book', { who: 'ada.stone@people.example', at: '14:00', text: 'text 1' }],
  ]);
  const others = ['ada.byron@people.example', 'kim.lund@people.example'];
  expect(
    hits.flatMap(([operation, body]) => (operation === 'tell' ? [(body as { to: string }).to] : [])).sort(),
  ).toEqual(others);
  const batch = fills.find(({ user }) => user.includes('where Ada is'))!;
  for (const mail of others) expect(batch.user).toContain(mail);
});
