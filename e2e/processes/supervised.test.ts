// Two processes under a supervisor: streams in a process that does not carry out the run, and ends of processes.
import type { RunEvent } from '@errand/contracts';
import { expect, test } from 'vitest';
import { type Frame, openStream, type Stream } from '../fixtures/frames.ts';
import type { Process } from '../trouble/site.ts';
import { aSupervisedSite, processesOf } from './supervised-site.ts';

const STREAMS = 6;

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
