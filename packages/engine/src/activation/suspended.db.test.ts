import { newId } from '@errand/db';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { aPlan, aRun, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
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
    const allowed: boolean[] = [];
    const { toolbox } = service;
    const engine = await engines.engine(
      {
        ...toolbox,
        async call(request) {
          await new Promise(setImmediate);
          if (allowed.length === 0) suspendFor(1000);
          allowed.push(request.maySend!());
          if (allowed.at(-1)) return toolbox.call(request);
          return { ok: false, code: 'canceled', message: 'Not sent.', retryable: false, effectKnown: 'no' };
        },
      },
      { workers: { watchMs: 50, silentMs: 500 } },
    );
    const workspaceId = newId();
    const before = service.calls(operation);
    const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', operation]]) }));
    await follow(engine, workspaceId, runId);
    const view = { runId, includeEvents: false, includeToolCalls: false };
    const run = (await engine.getRun(workspaceId, view)).value();
    expect(run).toMatchObject({ status: 'SUCCESS' });
    expect(allowed).toEqual([false, true]);
    expect(service.calls(operation) - before).toBe(1);
  },
);
