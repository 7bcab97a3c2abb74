import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { activationStatements, brokenRules, missed, mutate, mutations } from './mutations.ts';
import { program } from './service.ts';

describe('the built server', () => {
  test.each(brokenRules)('does not start with ERRAND_FAULTS=break=%s', async (rule) => {
    const env = { PATH: process.env.PATH, ERRAND_FAULTS: `break=${rule}` };
    const child = fork(program, [], { env, execArgv: [], silent: true });
    const output = Promise.all([text(child.stdout!), text(child.stderr!)]);
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    expect((await output).join('')).toMatch(/^ERRAND_FAULTS must be .* it cannot disable a rule\.\n$/);
  });
});

describe('a mutation', () => {
  test.each(brokenRules)('changes the statements that %s is about, and no others', async (rule) => {
    const statements = await activationStatements();
    expect(missed(rule, statements)).toEqual([]);
    const changed = statements.filter((statement) => mutate(rule, statement) !== statement);
    expect(changed.every(({ name }) => mutations[rule].statements.some((prefix) => name.startsWith(prefix)))).toBe(
      true,
    );
    expect(changed.length).toBeLessThan(statements.length);
  });

  test.each(brokenRules)('is found when the statements of %s have another text or are gone', async (rule) => {
    const statements = await activationStatements();
    const others = statements.filter((statement) => mutate(rule, statement) === statement);
    expect(missed(rule, others).join(' ')).toContain('There is no statement');
    const rewritten = statements.map(({ name }) => ({ name, text: 'SELECT 1' }));
    expect(missed(rule, rewritten).join(' ')).toContain('stays as it is');
  });
});
