// Generated plans: a rerun from each step makes the calls that a simple model expects, and no other.
import { RerunInput } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
/** Ids of the calls that fail. */
const broken = new Set<string>();

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  const answer = ({ args }: { args: unknown }, _: unknown, response: { statusCode: number }) => {
    const { id } = args as { id: string };
    if (broken.has(id)) response.statusCode = 400;
    return { id, list: [`${id}-0`, `${id}-1`] };
  };
  service = await startService({ look: answer, make: answer, put: answer });
  engine = await engines.engine(service.toolbox);
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

/** A step of the model. `reads` and `waits`: earlier steps, by expression and by dependsOn; `each`: the step with its list. */
type ModelStep = { id: string; operation: string; reads: string[]; waits: string[]; each?: string; calls: string[] };

/** A seeded generator of numbers (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function randomSteps(random: (below: number) => number): ModelStep[] {
  const steps: ModelStep[] = [];
  const count = 3 + random(6);
  for (let n = 0; n < count; n++) {
    const id = `s${n}`;
    const some = () => steps.filter(() => random(3) === 0).map((step) => step.id);
    const lists = steps.filter(({ each }) => each === undefined);
    const each = lists.length > 0 && random(3) === 0 ? lists[random(lists.length)]!.id : undefined;
    const operation = ['look', 'make', 'put'][random(3)]!;
    const calls = each === undefined ? [id] : [`${id}:${each}-0`, `${id}:${each}-1`];
    steps.push({ id, operation, reads: some(), waits: some(), calls, ...(each !== undefined && { each }) });
  }
  return steps;
}

const toPlan = (steps: readonly ModelStep[]) =>
  aPlan(
    steps.map(({ id, operation, reads, waits, each }) => [
      id,
      operation,
      {
        id: each === undefined ? id : { $: `"${id}:" & item` },
        read: reads.map((read) => ({ $: `steps.${read}.output` })),
      },
      { dependsOn: waits, ...(each !== undefined && { forEach: { $: `steps.${each}.output.list` } }) },
    ]),
    'done',
  );

/** The steps that a step needs, and the ends of a run in which the broken calls fail. */
function modelOf(steps: readonly ModelStep[]) {
  const needs = new Map<string, Set<string>>();
  const done = new Set<string>();
  const made = new Set<string>();
  for (const { id, reads, waits, each, calls } of steps) {
    const direct = [...reads, ...waits, ...(each === undefined ? [] : [each])];
    needs.set(id, new Set(direct.flatMap((needed) => [needed, ...needs.get(needed)!])));
    if (!direct.every((needed) => done.has(needed))) continue;
    for (const call of calls) if (!broken.has(call)) made.add(call);
    if (!calls.some((call) => broken.has(call))) done.add(id);
  }
  return { needs, made };
}

const callsSeen = () => service.seen.map(({ args }) => (args as { id: string }).id).sort();

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('plan %i', async (seed) => {
  const random = randomOf(seed);
  const steps = randomSteps(random);
  const all = steps.flatMap(({ calls }) => calls);
  broken.clear();
  for (const call of all) if (random(6) === 0) broken.add(call);
  const { needs, made } = modelOf(steps);
  const { run, workspaceId } = await finish(engine, aRun({ plan: toPlan(steps) }));
  expect(callsSeen()).toEqual(expect.arrayContaining([...made]));
  const keys = new Set(service.seen.map(({ idempotencyKey }) => idempotencyKey));
  broken.clear();
  for (const { id: from } of steps) {
    service.seen.length = 0;
    const request = RerunInput.parse({ runId: run.runId, mode: 'same_plan', from });
    const preview = await engine.previewRerun(workspaceId, { runId: run.runId, from });
    const { input, ...origin } = await engine.prepareRerun(workspaceId, request);
    const rerun = await engine.create(workspaceId, input, { ...origin, rerunOf: run.runId });
    const events = await follow(engine, workspaceId, rerun.runId);
    const again = steps.filter(({ id }) => id === from || needs.get(id)!.has(from));
    const left = steps.filter((step) => !again.includes(step)).flatMap(({ calls }) => calls);
    const expected = [...again.flatMap(({ calls }) => calls), ...left.filter((call) => !made.has(call))];
    expect(callsSeen(), `from ${from}`).toEqual(expected.sort());
    for (const { idempotencyKey } of service.seen)
      if (idempotencyKey !== undefined) expect(keys.has(idempotencyKey)).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS', result: 'done' });
    const listed = preview.runsAgain.map(({ stepId }) => stepId);
    const called = new Set(expected.map((call) => call.split(':')[0]!));
    expect(listed).toEqual(steps.flatMap(({ id }) => (called.has(id) ? [id] : [])));
    const takenOver = events.flatMap((event) =>
      event.type === 'step' && event.step.takenFrom === run.runId ? [event.step.stepId] : [],
    );
    expect(takenOver.sort()).toEqual(preview.takenOver.map(({ stepId }) => stepId).sort());
  }
  service.seen.length = 0;
});
