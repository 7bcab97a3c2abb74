// Two processes under a supervisor: an end in order, and limits that they share.
import { expect, test } from 'vitest';
import { request } from '../fixtures/request.ts';
import { aSupervisedSite, processesOf } from './supervised-site.ts';

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
