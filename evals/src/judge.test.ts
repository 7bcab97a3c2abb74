import type { Json } from '@errand/contracts';
import { expect, it } from 'vitest';
import type { EvalCall, EvalCase, Verdict } from './eval-case.ts';
import { judge } from './judge.ts';
import type { EvalRun } from './run-eval.ts';

const rules = { writes: (operation: string) => !operation.endsWith('.list'), paging: () => ['limit'] };
const list = (query: Json): EvalCall => ({ operation: 'desk.list', args: { query } });
const close = (id: Json): EvalCall => ({ operation: 'desk.close', args: { path: { id } } });

const verdict = (expect: EvalCase['expect'], run: Partial<EvalRun>): Verdict =>
  judge(
    { id: 'desk-01', services: ['desk'], intent: '', expect },
    { status: 'SUCCESS', calls: [], planningMs: 0, ...run },
    rules,
  );

it.each<[string, EvalCase['expect'], Partial<EvalRun>, Verdict]>([
  ['the expected read', { calls: [list({ a: 1 })] }, { calls: [list({ a: 1 })] }, 'right'],
  ['a read of a page', { calls: [list({ a: 1 })] }, { calls: [list({ a: 1, limit: 9 })] }, 'right'],
  ['a page that a case names', { calls: [list({ limit: 3 })] }, { calls: [list({ limit: 9 })] }, 'wrong read'],
  ['a number sent as text', { calls: [list({ a: 1 })] }, { calls: [list({ a: '1' })] }, 'wrong read'],
  ['a filter too many', { calls: [list({ a: 1 })] }, { calls: [list({ a: 1, b: 2 })] }, 'wrong read'],
  ['another way that is allowed', { calls: [list({ a: 1 })], anyOf: [[list({})]] }, { calls: [list({})] }, 'right'],
  [
    'the same moment written otherwise',
    { calls: [list({ from: '2026-11-25T10:00:00Z' })] },
    { calls: [list({ from: '2026-11-25T11:00:00.000+01:00' })] },
    'right',
  ],
  ['an answer in a row', { calls: [], answer: ['Ada', 3] }, { result: [{ name: 'Ada Byron', count: 3 }] }, 'right'],
  ['a number in a sentence', { calls: [], answer: [16] }, { result: 'There are 16 tickets.' }, 'right'],
  ['a number within another', { calls: [], answer: [16] }, { result: { id: 't-16', count: '160' } }, 'wrong read'],
  ['what a dropped filter lets through', { calls: [], answerNot: ['T-2'] }, { result: ['T-1', 'T-2'] }, 'wrong read'],
  ['the expected write', { calls: [close('a')] }, { calls: [list({}), close('a')] }, 'right'],
  ['the write of another thing', { calls: [close('a')] }, { calls: [close('b')] }, 'wrong write'],
  ['a write made twice', { calls: [close('a')] }, { calls: [close('a'), close('a')] }, 'wrong write'],
  ['a write that was not asked for', { calls: [list({})] }, { calls: [list({}), close('a')] }, 'wrong write'],
  ['a wrong write of a run that fails', { calls: [] }, { calls: [close('a')], status: 'FAILED' }, 'wrong write'],
  ['success without the write', { calls: [close('a')] }, { calls: [] }, 'wrong read'],
  ['half of the writes', { calls: [close('a'), close('b')] }, { calls: [close('a')], status: 'NO_SUCCESS' }, 'failed'],
  ['a refusal', { calls: [list({})] }, { status: 'NO_SUCCESS' }, 'refused'],
  ['a partial success', { calls: [list({})] }, { calls: [list({})], status: 'PARTIAL_SUCCESS' }, 'failed'],
  ['a refusal of the impossible', { refuse: 'no such tool' }, { status: 'NO_SUCCESS', calls: [list({})] }, 'right'],
  ['an answer to the impossible', { refuse: 'no such tool' }, { calls: [list({})] }, 'wrong read'],
  ['a write for the impossible', { refuse: 'two of that name' }, { calls: [close('a')] }, 'wrong write'],
  ['an error with the impossible', { refuse: 'two of that name' }, { status: 'FAILED' }, 'failed'],
])('judges %s', (_, expected, run, wanted) => {
  expect(verdict(expected, run)).toBe(wanted);
});
