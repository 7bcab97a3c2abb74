// What an activation knows of its own requestsIn when it goes round again with somebody's answer: those that are not written yet, too.
import { EventEmitter, once } from 'node:events';
import type { RunEvent } from '@errand/contracts';
import { batchPoolOptions, newId, Transitions } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
const pools: pg.Pool[] = [];
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
});
afterAll(async () => {
  await engines.close();
  for (const pool of pools) await pool.end();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

/** An engine that says when its activation is about to read the answers, and waits; what it writes meanwhile waits, too. */
async function startRounds() {
  const pool = new pg.Pool({ connectionString: engines.url, max: 8 });
  const batchPool = new pg.Pool({
    connectionString: engines.url,
    max: 4,
    options: Object.entries(batchPoolOptions)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  });
  for (const anyPool of [pool, batchPool]) anyPool.on('error', () => {});
  pools.push(pool, batchPool);
  const real = new Transitions(batchPool);
  let reading: Promise<unknown> | undefined;
  let at = { reads: () => {}, free: Promise.resolve() as Promise<unknown> };
  const query = pool.query.bind(pool) as (config: { name?: string }) => Promise<unknown>;
  const slow = new Proxy(pool, {
    get: (of, key) => {
      if (key !== 'query') return Reflect.get(of, key, of) as unknown;
      return async (config: { name?: string }) => {
        if (config.name !== 'run_take_answers') return query(config);
        const done = new EventEmitter();
        reading = once(done, 'read');
        at.reads();
        await at.free;
        const taken = await query(config);
        // What is asked from here on is written after the answers were read.
        setTimeout(() => done.emit('read'), 300);
        return taken;
      };
    },
  });
  const transitions = {
    apply: async (...args: Parameters<Transitions['apply']>) => {
      if (args[2].decisionRequests?.length) await reading;
      return real.apply(...args);
    },
  } as Transitions;
  const engine = await engines.engine(service.toolbox, {
    db: { pool: slow, transitions },
    callPolicy: { attempts: 1 },
  });
  return {
    engine,
    /** The next time that answers are about to be read `then` comes first. */
    atReading: (then: () => Promise<unknown>) => {
      const free = new Promise<unknown>((resolve) => {
        at = {
          reads: () => {
            at = { reads: () => {}, free: Promise.resolve() };
            resolve(then());
          },
          free: Promise.resolve(),
        };
      });
      at.free = free;
    },
  };
}

const requestsIn = (events: readonly RunEvent[]) =>
  events.flatMap((event) =>
    event.type === 'step' && (event.step.effectId ?? event.step.approvalId) && event.step.approval !== 'APPROVED'
      ? [event.step.effectId ?? event.step.approvalId]
      : [],
  );

test('a call that turns out uncertain while answers are read is asked about once, and made once', async () => {
  const { engine, atReading } = await startRounds();
  const calls = new EventEmitter();
  // The write that a human wants to be tried again is uncertain again, as late as can be.
  service.behaviours.make = async (_seen, _request, response) => {
    const nth = service.calls('make');
    if (nth === 2) {
      calls.emit('again');
      await once(calls, 'answer');
    }
    response.statusCode = 503;
    return {};
  };
  service.behaviours.find = async () => {
    await once(calls, 'end');
    return {};
  };
  const workspaceId = newId();
  const plan = aPlan([
    ['a', 'make'],
    ['slow', 'find'],
    ['b', 'put'],
  ]);
  service.behaviours.put = (_seen, _request, response) => {
    response.statusCode = service.calls('put') > 1 ? 200 : 503;
    return {};
  };
  const { runId } = await engine.create(workspaceId, aRun({ plan }));
  const read = async () =>
    (await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: false })).value();
  await expect.poll(async () => (await read()).waitingOn).toHaveLength(2);
  const { events } = await read();
  const about = (step: string) => {
    const event = events.find((candidate) => candidate.type === 'step' && candidate.step.stepId === step);
    return event?.type === 'step' ? event.step.effectId! : '';
  };
  const again = once(calls, 'again');
  await engine.resolveEffect(workspaceId, { effectId: about('a'), decision: 'retry' }, by);
  await again;
  // Another answer ends the round; the second try comes to its end before the answers are read.
  atReading(async () => {
    calls.emit('answer');
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  await engine.resolveEffect(workspaceId, { effectId: about('b'), decision: 'skip' }, by);
  await expect.poll(async () => (await read()).waitingOn.map(({ text }) => text)).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const requestIds = requestsIn((await read()).events);
  expect([service.calls('make'), new Set(requestIds).size, requestIds.length]).toEqual([2, 3, 3]);
  calls.emit('end');
  await engine.cancel(workspaceId, runId);
});

test('a plan that is denied while another step runs ends with what was done meanwhile', async () => {
  // Approval of the plan is asked for from the moment at which its first step is done.
  const floor = { now: 'NONE' as 'NONE' | 'ON_START' };
  const calls = new EventEmitter();
  service.behaviours.look = async () => {
    calls.emit('looks');
    await once(calls, 'end');
    return {};
  };
  service.behaviours.make = () => {
    floor.now = 'ON_START';
    return {};
  };
  const toolbox = { ...service.toolbox, approvalFloor: async () => floor.now };
  const engine = await engines.engine(toolbox);
  const workspaceId = newId();
  const plan = aPlan([
    ['slow', 'look'],
    ['a', 'make', {}],
    ['b', 'find', {}, { dependsOn: ['a'] }],
  ]);
  const { runId } = await engine.create(workspaceId, aRun({ plan }));
  const read = async () =>
    (await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: false })).value();
  await expect.poll(async () => (await read()).waitingOn).toHaveLength(1);
  const [{ approvalId } = {}] = (await read()).waitingOn;
  await engine.decideApproval(workspaceId, { approvalId: approvalId!, decision: 'deny' }, by);
  await new Promise((resolve) => setTimeout(resolve, 200));
  calls.emit('end');
  await expect.poll(async () => (await read()).endedAt).toBeTruthy();
  const { status, error } = await read();
  expect([status, error?.code]).toEqual(['PARTIAL_SUCCESS', 'approval_denied']);
});
