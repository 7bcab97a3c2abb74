// The messages of `errand up` and `pnpm start` about the planner.
import { planning } from '@errand/cli/up';
import { toConfig } from '@errand/server';
import { expect, test } from 'vitest';

/** The settings that a text suggests to export, as the shell passes them on. */
function exported(text: string, env: Record<string, string>): Record<string, string> {
  const lines = [...text.matchAll(/^export (\w+)=(.+)$/gm)];
  return Object.fromEntries(
    lines.map(([, name, value]) => [name!, value!.replace(/^"\$(\w+)"$/, (_, key) => env[key]!)]),
  );
}

test('with a model it names the model, and mentions no keys', () => {
  const text = planning({ ERRAND_MODEL_PROVIDER: 'openai', ERRAND_MODEL: 'gpt-5-mini', ERRAND_MODEL_API_KEY: 'sk-1' });
  expect(text).toBe('Planner        the model gpt-5-mini (openai)');
});

test('without a model it names the built-in planner, and three settings that select a model', () => {
  const text = planning({});
  expect(text).toMatch(/^Planner +the built-in one/);
  expect(toConfig(exported(text, {}), []).model).toMatchObject({ provider: 'openai', model: 'gpt-5-mini' });
});

test.each([
  ['OPENAI_API_KEY', 'openai'],
  ['ANTHROPIC_API_KEY', 'anthropic'],
  ['GEMINI_API_KEY', 'google'],
])('it recognises %s, does not use it and does not show it', (name, provider) => {
  const env = { [name]: 'the-secret' };
  const text = planning(env);
  expect(text).toMatch(/^Planner +the built-in one/);
  expect(text).toContain(`${name} is set`);
  expect(text).not.toContain('the-secret');
  const { model } = toConfig(exported(text, env), []);
  expect(model).toMatchObject({ provider });
  expect(model!.apiKey!.reveal()).toBe('the-secret');
});
