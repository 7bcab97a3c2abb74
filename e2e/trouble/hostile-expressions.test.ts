// Expressions that create huge texts and lists, or never end: none ends the service, and another workspace is served meanwhile.
import { childrenOf, hostileCalls } from '@errand/plan/testing';
import { expect, test } from 'vitest';
import { type Stack, stackForTest } from '../fixtures/stack.ts';
import { anotherWorkspace, computer } from '../fixtures/workspace.ts';

const MIB = 1024 * 1024;

type Computer = Awaited<ReturnType<typeof computer>>;

/** A service, and two of its workspaces. */
async function aService() {
  const stack = await stackForTest();
  return { stack, hostile: await computer(stack), neighbour: await computer(stack, await anotherWorkspace(stack)) };
}

/** Carries out runs of a workspace one after another until `work` is done. @returns the number of successful runs */
async function answeredMeanwhile(computer: Computer, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  work.then(done, done);
  let answered = 0;
  while (!isDone) {
    expect(await computer.evaluate('$sum([1, 2])')).toMatchObject({ status: 'SUCCESS', result: 3 });
    answered += 1;
  }
  await work;
  return answered;
}

const expectAlive = ({ pid, log }: Stack) => expect(() => process.kill(pid, 0), log().slice(-3000)).not.toThrow();

test.each([8, 64, 256, 512])(
  'no function that is called with %i MiB ends the service',
  { timeout: 900_000 },
  async (mib) => {
    const { stack, hostile, neighbour } = await aService();
    const calls = Object.entries(hostileCalls(mib * MIB));
    const statuses = new Map<string, string>();
    const all = async () => {
      for (const [name, expression] of calls) {
        // A plan with `$shuffle` is refused when it is posted.
        const end = hostile.evaluate(expression).then(
          ({ status }) => status,
          (error) => error.problem.code,
        );
        statuses.set(name, await end);
      }
    };
    expect(await answeredMeanwhile(neighbour, all())).toBeGreaterThan(0);
    expect([...statuses.keys()]).toEqual(calls.map(([name]) => name));
    expectAlive(stack);
  },
);

test('expressions that end their process pause only their workspace, and two processes remain', {
  timeout: 900_000,
}, async () => {
  const { stack, hostile, neighbour } = await aService();
  const doubling = '($d := function($s, $n){ $n = 0 ? $s : $d([$s, $s], $n - 1) }; $d(["x"], 17) & "")';
  const deadly = ['$distinct([1..200000])', doubling, '$string([1..200000].[1..200000])'];
  const errors: string[] = [];
  const flood = Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const run = await hostile.evaluate(deadly[n % deadly.length]!);
      errors.push(JSON.stringify(run.error ?? run.status));
    }),
  );
  expect(await answeredMeanwhile(neighbour, flood)).toBeGreaterThan(0);
  expect(errors).toHaveLength(30);
  expect(errors.filter((text) => text.includes('ended five processes within a minute')).length).toBeGreaterThan(0);
  expect(childrenOf(stack.pid).length).toBeLessThanOrEqual(2);
  expectAlive(stack);
});
