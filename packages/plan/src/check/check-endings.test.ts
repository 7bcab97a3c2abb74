import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const posted = (operation: string, title: string) => ({
  ...aTool(operation, {}),
  effect: 'write' as const,
  method: 'POST',
  path: `/deals/${operation}`,
  title,
  description: title,
});

test('a plan that looks may search by POST, where the name and the words of the tool say that it reads', async () => {
  const look = (tool: ReturnType<typeof posted>) =>
    checkPlan(
      { goal: 'Look', steps: [{ id: 'a', tool: tool.name, args: {} }], then: 'plan' },
      { tools: [tool], sandbox, mayFill: false },
    );
  expect(await look(posted('search', 'Search deals'))).toMatchObject({ ok: true });
  expect(await look(posted('search', 'Close all deals'))).toMatchObject({ complaints: [{ pointer: '/steps/0/tool' }] });
  expect(await look(posted('close', 'Search deals'))).toMatchObject({ complaints: [{ pointer: '/steps/0/tool' }] });
});
