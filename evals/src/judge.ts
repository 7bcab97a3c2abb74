import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@errand/contracts';
import type { EvalArgs, EvalCall, EvalCase, Expectation, Verdict } from './eval-case.ts';
import type { EvalRun } from './run-eval.ts';

/** Facts about the operations that a case may call, by their full names. */
export type Rules = { writes(operation: string): boolean; paging(operation: string): readonly string[] };

/** @returns the verdict on a run */
export function judge({ expect }: EvalCase, run: EvalRun, rules: Rules): Verdict {
  const lists = 'refuse' in expect ? [[]] : [expect.calls, ...(expect.anyOf ?? [])];
  const writes = run.calls.filter(({ operation }) => rules.writes(operation));
  const expectedWrites = lists.map((calls) => calls.filter(({ operation }) => rules.writes(operation)));
  if (!expectedWrites.some((calls) => writes.every((write, i) => calls[i] && isSame(write, calls[i]))))
    return 'wrong write';
  if (run.status === 'FAILED') return 'failed';
  if (run.status === 'NO_SUCCESS') return writes.length > 0 ? 'failed' : 'refuse' in expect ? 'right' : 'refused';
  if (run.status !== 'SUCCESS') return 'failed';
  if ('refuse' in expect) return 'wrong read';
  const madeAll = lists.some(
    (calls, i) => expectedWrites[i]!.length === writes.length && calls.every((call) => isMade(call, run.calls, rules)),
  );
  return madeAll && answers(expect, run.result ?? null) ? 'right' : 'wrong read';
}

const isMade = (call: EvalCall, calls: readonly EvalCall[], rules: Rules): boolean =>
  calls.some((each) => isSame(each, call, rules.writes(call.operation) ? [] : rules.paging(call.operation)));

/** Whether a call is the expected one. `paging`: names of query parameters and fields of the body that do not count unless they are expected. */
function isSame(call: EvalCall, expected: EvalCall, paging: readonly string[] = []): boolean {
  if (call.operation !== expected.operation) return false;
  return isDeepStrictEqual(
    plain(without(call.args, paging, expected.args)),
    plain(without(expected.args, [], expected.args)),
  );
}

function without(args: EvalArgs, paging: readonly string[], expected: EvalArgs): EvalArgs {
  const groups = Object.entries(args).map(([group, values]) => {
    if (values === null || typeof values !== 'object' || Array.isArray(values)) return [group, values] as const;
    const named = (expected[group] ?? {}) as Record<string, Json>;
    const kept = Object.entries(values).filter(([name]) => !paging.includes(name) || Object.hasOwn(named, name));
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
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member!)]));
}

const answers = ({ answer = [], answerNot = [] }: Expectation, result: Json): boolean => {
  const values = leaves(result);
  return answer.every((text) => contains(values, text)) && !answerNot.some((text) => contains(values, text));
};

/** Whether a result contains a value: a number alone or in a sentence, a text as part of another. */
const contains = (values: readonly Json[], expected: string | number): boolean =>
  values.some((leaf) => {
    if (leaf === expected) return true;
    if (typeof leaf !== 'string') return typeof expected === 'string' && String(leaf) === expected;
    return typeof expected === 'string' ? leaf.includes(expected) : numbersOf(leaf).includes(expected);
  });

const numbersOf = (text: string): number[] =>
  (text.match(/(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-]|\.\d)/g) ?? []).map(Number);

function leaves(value: Json): Json[] {
  if (value === null || typeof value !== 'object') return [value];
  return Object.values(value).flatMap((member) => leaves(member!));
}
