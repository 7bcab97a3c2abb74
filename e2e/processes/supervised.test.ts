// Two processes under a supervisor: streams in a process that does not carry out the run, and ends of processes.
import { readFileSync } from 'node:fs';
import type { RunEvent } from '@errand/contracts';
import { expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { type Frame, openStream, type Stream } from '../fixtures/frames.ts';
import { request } from '../fixtures/request.ts';
import { json } from '../fixtures/stub.ts';
import { aSite, type Process } from '../trouble/site.ts';

const STREAMS = 6;
const STEPS = ['a', 'b', 'c', 'd'];

/** The processes under a supervisor. */
const processesOf = ({ pid }: { pid: number }): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** A site with two processes, and a tool whose calls wait until `release`. */
async function aSupervisedSite() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const wait = {
    answer: async (response: Parameters<typeof json>[0]) => {
      await released;
      json(response, { done: true });
    },
  };
  const site = await aSite({ operations: { wait }, env: { ERRAND_PROCESSES: '2' } });
  const { id } = site;
  const steps = STEPS.map((step, n) => ({
    id: step,
    tool: `${id}.wait`,
    args: {},
    ...(n > 0 && { dependsOn: [STEPS[n - 1]!] }),
  }));
  const input = aRun({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.wait`, { steps }) });
  return { ...site, supervisor: site.http[0]!, input, release };
}

/** Counts the statements that read events, from now on. */
function countEventReads({ way }: Process): () => number {
  let count = 0;
  void way.keepBack((message) => {
    count += message.match(/events_(?:read|from|of_runs)/g)?.length ?? 0;
    return false;
  });
  return () => count;
}

const seqsOf = (frames: readonly Frame[]): number[] => frames.map(({ id }) => Number(id));

test('streams in each process get all events in order, and none is read from Postgres', async () => {
  const { supervisor, api, input, release, stub } = await aSupervisedSite();
  const reads = countEventReads(supervisor);
  const { runId } = await api.runs.create(input);
  await expect.poll(() => stub.hits.length).toBe(1);
  // Each stream has its own connection, and connections go to the processes in turn.
  const streams: Stream[] = [];
  while (streams.length < STREAMS) streams.push(await openStream(supervisor, runId));
  release();
  const frames = await Promise.all(streams.map((stream) => stream.rest()));
  const events = frames[0]!.map(({ data }) => JSON.parse(data!) as RunEvent);
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
  expect(seqsOf(frames[0]!)).toEqual(events.map((_, n) => n + 1));
  for (const others of frames) expect(others).toEqual(frames[0]);
  expect(reads()).toBe(0);
  const readers = () =>
    new Set([...supervisor.log().matchAll(/"pid":(\d+).*"route":"[^"]*sse"/g)].map(([, pid]) => Number(pid)));
  await expect.poll(readers).toEqual(new Set(processesOf(supervisor)));
});

test('after one process is killed the other one finishes its runs, and another one is started', async () => {
  const { supervisor, api, input, release, stub } = await aSupervisedSite();
  const runs = await Promise.all(Array.from({ length: 6 }, () => api.runs.create(input)));
  await expect.poll(() => stub.hits.length).toBe(6);
  const [killed] = processesOf(supervisor);
  process.kill(killed!, 'SIGKILL');
  release();
  const statuses = async () => {
    const answers = await Promise.all(runs.map(({ runId }) => api.runs.get({ runId }).catch(() => undefined)));
    return answers.map((run) => run?.status);
  };
  await expect.poll(statuses, { timeout: 30_000 }).toEqual(runs.map(() => 'SUCCESS'));
  await expect.poll(() => processesOf(supervisor).length).toBe(2);
  expect(processesOf(supervisor)).not.toContain(killed);
  expect(supervisor.log()).toMatch(/A process ended by SIGKILL; another one is started/);
});

test('SIGTERM to one process lets it finish in order, and another one is started', async () => {
  const { supervisor, api } = await aSupervisedSite();
  const [stopped] = processesOf(supervisor);
  process.kill(stopped!, 'SIGTERM');
  await expect.poll(() => supervisor.log()).toMatch(/A process ended with code 0; another one is started/);
  await expect.poll(() => processesOf(supervisor).length).toBe(2);
  expect((await api.runs.list({})).runs).toEqual([]);
});

test('wrong keys of an address are limited over both processes together', async () => {
  const { supervisor } = await aSupervisedSite();
  const statuses: number[] = [];
  for (let n = 0; n < 30; n++) {
    const headers = { 'x-api-key': `wrong-${n}`, connection: 'close' };
    statuses.push((await request(supervisor, '/v1/runs', { headers })).status);
  }
  const looked = statuses.filter((status) => status === 401).length;
  expect(looked).toBeGreaterThanOrEqual(10);
  expect(looked).toBeLessThanOrEqual(20);
  expect(statuses.at(-1)).toBe(429);
});
