import { expect, test } from 'vitest';
import { Archive } from './archive.ts';
import { evidenceOf, run } from './evidence-of.ts';

test('an archived run has its rows of before its removal, and other runs have those of now', () => {
  const { facts } = evidenceOf();
  const archive = new Archive();
  archive.add(facts, new Map([['run-1', [{ seq: 1, type: 'start', text: '{}' }]]]));
  const other = { ...run, runId: 'run-3' };
  const late = { ...facts.calls[0]!, output: null };
  const complete = archive.complete({ ...facts, runs: [other], calls: [late], approvals: [], messages: [] });
  expect(complete.runs).toEqual([run, other]);
  expect(complete.calls).toEqual(facts.calls);
  expect(complete.approvals).toEqual(facts.approvals);
  expect(complete.messages.map(({ id }) => id)).toEqual(['msg_1']);
  expect([...archive.runIds]).toEqual(['run-1']);
});
