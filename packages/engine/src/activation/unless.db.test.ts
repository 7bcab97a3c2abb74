import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let deaths: number;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  // The activation ends after an answer came and before it is recorded, as in a crash.
  const at = (point: string) => {
    if (point !== 'call.after' || deaths === 0) return;
    deaths--;
    throw Object.assign(new Error('killed'), { code: 'ECONNRESET' });
  };
  engine = await engines.engine(service.toolbox, { faults: { at }, workers: { watchMs: 50, tickMs: 50 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  deaths = 0;
  service.seen.length = 0;
  service.behaviours.find = () => ({ items: [] });
});

const guard = (needs: object = {}) =>
  [
    'log',
    'make',
    {},
    { unless: { $: '$count(steps.who.output.items) = 0' }, say: 'Nobody is named Ada.', ...needs },
  ] as [string, string, object, object];

test.each([0, 1])('a plan that ends early says why, and writes nothing, also after %i crashes', async (crashes) => {
  deaths = crashes;
  const plan = aPlan([['who', 'find'], guard(), ['also', 'make', { n: 2 }]] as never, { done: true });
  const { run, events } = await finish(engine, aRun({ plan }));
  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'plan_ended', message: 'Nobody is named Ada.' } });
  expect(run).not.toHaveProperty('result');
  expect([service.calls('find'), service.calls('make')]).toEqual([1 + crashes, 0]);
  expect(events.at(-1)).toMatchObject({ type: 'end', error: { message: 'Nobody is named Ada.' } });
  expect(events.find((e) => e.type === 'step' && e.step.stepId === 'log')).toMatchObject({
    step: { text: 'Nobody is named Ada.' },
  });
});

test('what was written before stays reported', async () => {
  const plan = aPlan([['first', 'put', { n: 1 }], ['who', 'find', {}, { dependsOn: ['first'] }], guard()] as never);
  const { run } = await finish(engine, aRun({ plan }));
  expect(run).toMatchObject({ status: 'PARTIAL_SUCCESS', error: { code: 'plan_ended' } });
  expect([service.calls('put'), service.calls('make')]).toEqual([1, 0]);
});
