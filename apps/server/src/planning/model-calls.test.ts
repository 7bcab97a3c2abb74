import type { AskModel, Model } from '@errand/ports/model';
import { expect, test } from 'vitest';
import { ModelCalls } from './model-calls.ts';

const planning = { maxRepairs: 0, maxOutputTokens: 1, maxToolsShown: 1, madeBy: 'm' };
const usage = { inputTokens: 0, outputTokens: 0 };
const prompt = (signal = new AbortController().signal) => ({ system: '', messages: [], signal });

/** Asks a watched model. @returns the remembered call */
async function lastAfter(ask: AskModel, signal?: AbortSignal, calls = new ModelCalls()) {
  const model: Model = calls.watch({ ask, planning });
  await model.ask(prompt(signal), usage).catch(() => {});
  return calls.last;
}

const answer: AskModel = async () => ({ text: 'plan', finish: 'stop' });
const failure: AskModel = async () => {
  throw new Error('overloaded');
};

test('the last call is remembered with its time and outcome', async () => {
  const calls = new ModelCalls();
  expect(calls.last).toBeUndefined();
  expect(await lastAfter(answer, undefined, calls)).toEqual({ at: expect.any(String), succeeded: true });
  expect(await lastAfter(failure, undefined, calls)).toMatchObject({ succeeded: false });
});

test('an observer that fails changes neither an answer nor a failure, and its first exception is reported', async () => {
  const faults: unknown[] = [];
  const observe = () => {
    throw new Error('The observer is broken.');
  };
  const watched = (ask: AskModel) => new ModelCalls(observe, (error) => faults.push(error)).watch({ ask, planning });
  const model = watched(answer);
  expect(await model.ask(prompt(), usage)).toMatchObject({ text: 'plan' });
  expect(await model.ask(prompt(), usage)).toMatchObject({ text: 'plan' });
  expect(faults).toEqual([new Error('The observer is broken.')]);
  await expect(watched(failure).ask(prompt(), usage)).rejects.toThrow('overloaded');
});

test('a failure reaches the caller, and a cancelled call proves nothing', async () => {
  const model = new ModelCalls().watch({ ask: failure, planning });
  await expect(model.ask(prompt(), usage)).rejects.toThrow('overloaded');
  expect(await lastAfter(failure, AbortSignal.abort())).toBeUndefined();
});
