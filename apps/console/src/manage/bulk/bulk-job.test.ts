import { expect, test } from 'vitest';
import { BulkRunner, countsOf, type Outcome, parseJob, type SendItems } from './bulk-job.ts';

function memory(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  } as Storage;
}

const items = Array.from({ length: 7 }, (_, index) => ({ id: `run-${index}`, name: `Errand ${index}` }));
const job = {
  jobId: 'job',
  workspaceId: 'w',
  personId: 'p',
  title: 'Rerun 7 errands',
  items,
  act: { kind: 'cancel' },
} as const;
const DONE: Outcome = { state: 'done', text: 'Started.' };

function makeRunner(send: SendItems, storage = memory()) {
  const runner = new BulkRunner({ batch: () => 3, send, textOf: (error) => (error as Error).message, storage });
  return { runner, storage };
}

test('items are sent a few at a time, each with its outcome', async () => {
  const sent: string[] = [];
  const { runner } = makeRunner(async (_, batch, requestKey) => {
    sent.push(`${requestKey}: ${batch.length}`);
    return new Map(batch.map(({ id }) => [id, id === 'run-4' ? { state: 'refused', text: 'Gone.' } : DONE]));
  });
  await runner.start(job);
  expect(sent).toEqual(['job-0: 3', 'job-3: 3', 'job-6: 1']);
  expect(runner.job.get()).toMatchObject({ state: 'ended', outcomes: { 'run-4': { text: 'Gone.' } } });
  expect(countsOf(runner.job.get()!)).toEqual({ done: 6, refused: 1, open: 0 });
});

test('a failed request stops the job; it goes on with the same key, and repeats nothing that has an outcome', async () => {
  const keys: string[] = [];
  let isAway = true;
  const { runner } = makeRunner(async (_, batch, requestKey) => {
    keys.push(requestKey);
    if (requestKey === 'job-3' && isAway) throw new Error('The service is away.');
    return new Map(batch.map(({ id }) => [id, DONE]));
  });
  await runner.start(job);
  expect(runner.job.get()).toMatchObject({ state: 'stopped', stopReason: 'The service is away.' });
  expect(countsOf(runner.job.get()!)).toEqual({ done: 3, refused: 0, open: 4 });
  isAway = false;
  await runner.goOn();
  expect(keys).toEqual(['job-0', 'job-3', 'job-3', 'job-6']);
  expect(runner.job.get()).toMatchObject({ state: 'ended' });
});

test('a page that is loaded again has the outcomes, and says that the last answers are missing', async () => {
  const storage = memory();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { runner } = makeRunner(async (_, batch, requestKey) => {
    if (requestKey === 'job-3') await answered;
    return new Map(batch.map(({ id }) => [id, DONE]));
  }, storage);
  const sending = runner.start(job);
  await new Promise(setImmediate);
  const { runner: reloaded } = makeRunner(async () => new Map(), storage);
  expect(reloaded.job.get()).toMatchObject({ state: 'stopped', stopReason: expect.stringContaining('not known') });
  expect(countsOf(reloaded.job.get()!)).toEqual({ done: 3, refused: 0, open: 4 });
  answer();
  await sending;
});

test('a person stops it after the items that are being sent, and dismisses it', async () => {
  const { runner } = makeRunner(async (_, batch) => {
    runner.stop();
    return new Map(batch.map(({ id }) => [id, DONE]));
  });
  await runner.start(job);
  expect(runner.job.get()).toMatchObject({ state: 'stopped' });
  expect(runner.job.get()!.stopReason).toBeUndefined();
  expect(countsOf(runner.job.get()!)).toMatchObject({ done: 3, open: 4 });
  runner.dismiss();
  expect(runner.job.get()).toBeUndefined();
});

test('a request that fails because the page is left keeps no reason; the page that comes back can go on', async () => {
  const { runner } = makeRunner(async () => {
    runner.leave();
    throw new Error('Aborted.');
  });
  await runner.start(job);
  expect(runner.job.get()).toMatchObject({ state: 'sending' });
  runner.comeBack();
  expect(runner.job.get()).toMatchObject({ state: 'stopped', stopReason: expect.stringContaining('not known') });
});

test.each([
  ['items that are no list', '{"jobId": "job", "outcomes": {}, "items": 3}'],
  ['an unknown state', JSON.stringify({ ...job, outcomes: {}, state: 'lost' })],
  ['null', 'null'],
  ['broken JSON', '{'],
  ['nothing', null],
])('%s in the storage is no job', (_, text) => {
  expect(parseJob(text)).toBeUndefined();
});
