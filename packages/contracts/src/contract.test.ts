import { formerFieldsOf, type Operation, operations } from '@errand/trpc-openapi/contract';
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
  // The scopes depend on the abilities.
  'userTokens.create',
  'userTokens.revoke',
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

/** Reads with positions of a log or with the best results of a search in place of pages. */
const withoutPages = ['runs.events', 'tools.search'];

test('no operation answers with a bare array, and every list in pages has the same form', () => {
  const paged: string[] = [];
  for (const { name, op } of operations(contract)) {
    if (op.kind !== 'query') continue;
    const { shape: input } = op.input as unknown as { shape: object };
    const { def, shape: output } = op.output as unknown as { def: { type: string }; shape?: Record<string, object> };
    expect(def.type, name).not.toBe('array');
    if ('limit' in input) expect(withoutPages).toContain(name);
    if (!('cursor' in input)) continue;
    paged.push(name);
    expect(input, name).toHaveProperty('pageSize');
    expect(formerFieldsOf(op.input)?.names, name).toEqual(['limit', 'after']);
    const [items, position, ...others] = Object.keys(output ?? {});
    expect([position, others], name).toEqual([name === 'runs.list' ? 'pagination' : 'nextCursor', []]);
    expect((output![items!] as { def?: { type: string } }).def?.type, name).toBe('array');
  }
  expect(paged.length).toBeGreaterThan(15);
});

test('an operation without a scope does not compile', () => {
  const { kind, input, output, errors } = contract.runs.get;
  // @ts-expect-error: `scope` is missing
  const op: Operation = { kind, input, output, errors };
  expect(op).not.toHaveProperty('scope');
});
