import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@errand/contracts';
import type { EvalArgs, EvalCall, EvalCase, Expectation, Verdict } from './eval-case.ts';
import type { EvalRun } from './run-eval.ts';

/** What a judge must know of the operations that a case may call, by their full names. */
export type Rules = { writes(operation: string): boolean; paging(operation: string): readonly string[] };

/** What a run is worth. */
export function judge({ expect }: EvalCase, run: EvalRun, rules: Rules): Verdict {
  const lists = 'refuse' in expect ? [[]] : [expect.calls, ...(expect.anyOf ?? [])];
  const writes = run.calls.filter(({ operation }) => rules.writes(operation));
  const wanted = lists.map((calls) => calls.filter(({ operation }) => rules.writes(operation)));
  if (!wanted.some((calls) => writes.every((write, i) => calls[i] && isSame(write, calls[i])))) return 'wrong write';
  if (run.status === 'FAILED') return 'failed';
  if (run.status === 'NO_SUCCESS') return writes.length > 0 ? 'failed' : 'refuse' in expect ? 'right' : 'refused';
  if (run.status !== 'SUCCESS') return 'failed';
  if ('refuse' in expect) return 'wrong read';
  const madeAll = lists.some(
    (calls, i) => wanted[i]!.length === writes.length && calls.every((call) => isMade(call, run.calls, rules)),
  );
  return madeAll && answers(expect, run.result ?? null) ? 'right' : 'wrong read';
}

const isMade = (call: EvalCall, made: readonly EvalCall[], rules: Rules): boolean =>
  made.some((one) => isSame(one, call, rules.writes(call.operation) ? [] : rules.paging(call.operation)));

/** Whether a call is the expected one. `paging`: names of query parameters and fields of the body that do not count unless they are expected. */
function isSame(made: EvalCall, expected: EvalCall, paging: readonly string[] = []): boolean {
  if (made.operation !== expected.operation) return false;
  return isDeepStrictEqual(
    plain(without(made.args, paging, expected.args)),
    plain(without(expected.args, [], expected.args)),
  );
}

function without(args: EvalArgs, paging: readonly string[], expected: EvalArgs): EvalArgs {
  const groups = Object.entries(args).map(([group, values]) => {
    if (values === null || typeof values !== 'object' || Array.isArray(values)) return [group, values] as const;
    const wanted = (expected[group] ?? {}) as Record<string, Json>;
    const kept = Object.entries(values).filter(([name]) => !paging.includes(name) || Object.hasOwn(wanted, name));
    return [group, Object.fromEntries(kept)] as const;
  });
  return Object.fromEntries(groups.filter(([, values]) => JSON.stringify(values) !== '{}'));
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** A value in which the same moment is always the same text, and objects have no prototype. */
function plain(value: Json): Json {
  if (typeof value === 'string') return MOMENT.test(value) ? new Date(value).toISOString() : value;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one!)]));
}

const answers = ({ answer = [], answerNot = [] }: Expectation, result: Json): boolean => {
  const found = leaves(result);
  return answer.every((one) => holds(found, one)) && !answerNot.some((one) => holds(found, one));
};

/** Whether a value stands in a result: a number by itself or in a sentence, a text as part of one. */
const holds = (found: readonly Json[], wanted: string | number): boolean =>
  found.some((leaf) => {
    if (leaf === wanted) return true;
    if (typeof leaf !== 'string') return typeof wanted === 'string' && String(leaf) === wanted;
    return typeof wanted === 'string' ? leaf.includes(wanted) : numbersOf(leaf).includes(wanted);
  });

const numbersOf = (text: string): number[] =>
  (text.match(/(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-]|\.\d)/g) ?? []).map(Number);

function leaves(value: Json): Json[] {
  if (value === null || typeof value !== 'object') return [value];
  return Object.values(value).flatMap((one) => leaves(one!));
}
