import { afterEach, expect, test } from 'vitest';
import { type Conversation, type ScriptedModel, startScriptedModel } from './scripted-model.ts';

let model: ScriptedModel | undefined;
afterEach(() => model?.close());

async function post(conversation: Conversation, path: string, body: unknown) {
  model = await startScriptedModel(conversation);
  const answer = await fetch(`${model.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}

const chat = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

test('plays one entry a request and says when the script is over', async () => {
  expect(await post(['Good morning'], '/chat/completions', chat)).toMatchObject({
    status: 200,
    text: expect.stringContaining('Good morning'),
  });
  const again = await fetch(`${model?.url}/chat/completions`, { method: 'POST', body: JSON.stringify(chat) });
  expect(again.status).toBe(400);
  expect(await again.text()).toContain('The script ends before request 2.');
});

test('lets an entry answer what was asked', async () => {
  const { text } = await post([({ user, model }) => `${model} received ${user}`], '/chat/completions', chat);
  expect(text).toContain('m received Hello');
  expect(model?.requests).toMatchObject([{ wire: 'chat', user: 'Hello', system: '' }]);
});

test('streams an answer where that is asked for', async () => {
  const { text } = await post(['Good morning'], '/chat/completions', { ...chat, stream: true });
  expect(text).toContain('data: {');
  expect(text).toContain('"content":"Good morning"');
});

test('refuses what it does not speak', async () => {
  expect((await post(['x'], '/embeddings', {})).status).toBe(404);
  await model?.close();
  const thrown = () => {
    throw new Error('expected another prompt');
  };
  expect(await post(thrown, '/messages', {})).toMatchObject({
    status: 400,
    text: expect.stringContaining('expected another prompt'),
  });
});
