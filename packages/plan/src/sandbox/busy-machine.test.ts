import { afterAll, expect, test, vi } from 'vitest';
import { evaluate } from './expression/expression.ts';
import { Pool } from './pool.ts';
import { createSandbox } from './sandbox.ts';

const sandbox = createSandbox({ timeoutMs: 200 });
afterAll(() => sandbox.close());

const sum = ['$sum([1..100])'];
const is5050 = { ok: true, value: 5050 };

test('a job is not stopped because this process was held up when its answer came', async () => {
  expect(await sandbox.evaluate(sum, {})).toMatchObject([is5050]);
  // Not in the turn of the previous answer.
  await new Promise((resolve) => setImmediate(resolve));
  const answer = sandbox.evaluate(sum, {});
  // The timer of the job runs before its answer is read.
  const until = performance.now() + 600;
  while (performance.now() < until);
  expect(await answer).toMatchObject([is5050]);
});

test('an expression that had no processor time is tried again', async () => {
  const now = vi.spyOn(Date, 'now');
  let n = 0;
  now.mockImplementation(() => ++n * (n < 20 ? 1000 : 0) + 1_000_000);
  try {
    expect(await evaluate(sum[0]!, {}, 200, { left: 1e6 })).toMatchObject(is5050);
    expect(n).toBeGreaterThan(1);
  } finally {
    now.mockRestore();
  }
});

test('an endless job is stopped anyway', async () => {
  const forever = ['($f := function($n) { $f($n + 1) }; $f(0))'];
  expect(await sandbox.evaluate(forever, {})).toMatchObject([{ ok: false, explanation: 'it took too long' }]);
});

test('a job is rejected when the child that it waits for does not get ready', async () => {
  const pool = new Pool({ children: 1, heapMb: 64, stackMb: 4, startMs: 1 });
  await expect(pool.run({ op: 'analyse', expressions: [] }, 'w', 1000)).rejects.toThrow('not ready after 1 ms');
  await pool.close();
});
