// The supervisor as a program: other ends, a start that fails, and roles.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from '../fixtures/program.ts';
import { aDatabase, startSupervisor } from './supervisor-program.ts';

test('Ctrl-C, which signals all processes at once, ends all of them with 0', async () => {
  const program = startSupervisor(join(aFolder(), 'data'), await aDatabase());
  await program.printed(/all processes are ready/);
  process.kill(-program.child.pid!, 'SIGINT');
  expect(await program.ended).toMatchObject({ code: 0 });
  expect(program.left()).toEqual([]);
});

test('when its processes cannot start, it ends with their reason', async () => {
  const keys = { ERRAND_MASTER_KEYS: 'k1:c2hvcnQ=' };
  const program = startSupervisor(join(aFolder(), 'data'), { ...(await aDatabase()), ...keys });
  expect(await program.ended).toMatchObject({ code: 1 });
  expect(program.errors()).toMatch(/One of 2 processes could not start; see its message\./);
  expect(program.left()).toEqual([]);
});

test('roles may have several processes: workers without a port', async () => {
  const program = startSupervisor(join(aFolder(), 'data'), { ...(await aDatabase()), ERRAND_ROLE: 'worker' });
  await program.printed(/all processes are ready/);
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
});
