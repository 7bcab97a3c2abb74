import { newId } from '@errand/db';
import type { Toolbox } from '@errand/ports/toolbox';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
/** The answers of `maySend` to the calls of a test. */
let allowed: boolean[] = [];

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const { toolbox } = service;
  const call: Toolbox['call'] = async (request) => {
    await new Promise(setImmediate);
    if (allowed.length === 0) suspendFor(1000);
    allowed.push(request.maySend!());
    if (allowed.at(-1)) return toolbox.call(request);
    return { ok: false, code: 'canceled', message: 'Not sent.', retryable: false, effectKnown: 'no' };
  };
  engine = await engines.engine({ ...toolbox, call }, { workers: { watchMs: 50, silentMs: 500 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

/** Stops this process as a suspension does: no timer and no heartbeat runs. */
function suspendFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test.each(['look', 'make'])(
  'a process that is suspended while it prepares the call %s sends nothing before its next heartbeat',
  async (operation) => {
    allowed = [];
    const workspaceId = newId();
    const before = service.calls(operation);
    const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', operation]]) }));
    await follow(engine, workspaceId, runId);
    const view = { runId, includeEvents: false, includeToolCalls: false };
    expect((await engine.getRun(workspaceId, view)).value()).toMatchObject({ status: 'SUCCESS' });
    // On a busy machine this process may be suspended in earnest as well.
    expect([allowed[0], allowed.at(-1)]).toEqual([false, true]);
    expect(service.calls(operation) - before).toBe(1);
  },
);
