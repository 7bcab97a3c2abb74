import type pg from 'pg';
import { expect, test } from 'vitest';
import { Backlog, BacklogFull, defaultQueueOptions } from './backlog.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

test('a run that is stored while runs are counted is not counted twice when that would refuse one', async () => {
  let stored = 0;
  let answers: (() => void)[] = [];
  const query = () =>
    new Promise((resolve) => answers.push(() => resolve({ rows: stored ? [{ workspaceId: 'w', n: stored }] : [] })));
  const backlog = new Backlog({ query } as unknown as pg.Pool, log, { ...defaultQueueOptions, maxWorkspaceBacklog: 2 });
  const answer = async () => {
    await new Promise(setImmediate);
    for (const answer of answers.splice(0)) answer();
    await new Promise(setImmediate);
  };

  // The count begins, the run is accepted and stored, and the count sees it.
  await backlog.accept('w');
  stored = 1;
  await answer();
  const second = backlog.accept('w');
  await answer();
  await second;
  stored = 2;
  answers = [];
  const third = backlog.accept('w').catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 150));
  await answer();
  expect(await third).toBeInstanceOf(BacklogFull);
});

test('a workspace that is full and goes on asking is not counted for each of its runs', async () => {
  let counts = 0;
  const turn = () => new Promise(setImmediate);
  const query = async () => {
    counts++;
    await turn();
    await turn();
    return { rows: [{ workspaceId: 'full', n: 2 }] };
  };
  const backlog = new Backlog({ query } as unknown as pg.Pool, log, { ...defaultQueueOptions, maxWorkspaceBacklog: 2 });
  for (let i = 0; i < 100; i++) {
    const refused = backlog.accept('full').catch(() => {});
    // Others are accepted while it is counted.
    for (let n = 0; n < 8; n++) {
      await turn();
      await backlog.accept(`other ${i} ${n}`);
    }
    await refused;
  }
  expect(counts).toBeLessThan(20);
});
