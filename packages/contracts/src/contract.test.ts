import { type Operation, operations } from '@errand/trpc-openapi/contract';
import { expect, test } from 'vitest';
import { scopes } from './access/scope.ts';
import { errorTable } from './base/error.ts';
import { contract } from './contract.ts';

/** Operations that need no scope, each with its reason. */
const open: readonly string[] = [
  // They concern the caller itself.
  'session.get',
  'session.list',
  'session.end',
];

test('every operation names its scope and only known errors', () => {
  const all = operations(contract);
  expect(all.length).toBeGreaterThan(20);
  for (const { name, op } of all) {
    const isForManagers = ['operators', 'instance', 'managers'].includes(op.callers ?? 'anyone');
    if (isForManagers || open.includes(name)) expect(op.scope, name).toBeNull();
    else expect(scopes, name).toContain(op.scope);
    if (op.readScope !== undefined) expect(scopes, name).toContain(op.readScope);
    for (const code of op.errors) expect(Object.keys(errorTable), name).toContain(code);
  }
});

test('an operation without a scope does not compile', () => {
  const { kind, input, output, errors } = contract.runs.get;
  // @ts-expect-error: `scope` is missing
  const op: Operation = { kind, input, output, errors };
  expect(op).not.toHaveProperty('scope');
});
