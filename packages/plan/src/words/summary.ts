import { isRecord } from '@errand/basics/is-record';
import type { Json, ToolSpec } from '@errand/contracts';
import { expressionsOf, holesOf } from '../template/template.ts';
import { cut, toSingleLine, words } from '../tools/label.ts';
import { argumentsOf } from './arguments.ts';
import { type CallWithArgs, callWords, type RunRequest } from './call-words.ts';
import type { Names } from './names.ts';
import type { PlanView } from './plan-view.ts';
import { sentenceOf } from './sentence.ts';
import { capitalize, counted, firstMembers, joinWords, nameOf, singular, valueText } from './text.ts';
import { parseTitle, pastOf } from './title.ts';

/** A step with calls that were made. `firstCalls`: some of them, the first ones. */
export type DoneStep = { stepId: string; tool: ToolSpec; count: number; firstCalls: readonly CallWithArgs[] };

/** A question to a person, and the answer in words; undefined without one. */
export type AnsweredQuestion = { question: string; answer: string | undefined };

/** The facts of a summary. `done`: steps in plan order. */
export type SummaryInput = {
  done: readonly DoneStep[];
  questions: readonly AnsweredQuestion[];
  result: Json | undefined;
  names: Names;
  request: RunRequest;
};

const MAX_LETTERS = 300;
/** Maximum numbers of writes, of facts of a result, and of questions in a summary. */
const MAX_WRITES = 2;
const MAX_FACTS = 4;
const MAX_QUESTIONS = 2;

/** The writes or the findings of a plan, in one or two short sentences for people. */
export function summaryOf(view: PlanView, input: SummaryInput): string {
  const writes = input.done.filter(({ tool, count }) => tool.effect === 'write' && count > 0);
  const sentences =
    writes.length > 0
      ? writes.slice(0, MAX_WRITES).map((step) => wroteText(view, step, input))
      : // Otherwise an answer that is the result would appear twice.
        input.done.length === 0 && input.questions.length > 0
        ? []
        : [foundText(view, input)];
  const more = writes.slice(MAX_WRITES).reduce((sum, { count }) => sum + count, 0);
  if (more > 0) sentences.push(`${capitalize(counted(more, 'other change'))} ${more === 1 ? 'was' : 'were'} made`);
  sentences.push(...questionTexts(input.questions));
  return cut(sentences.map((sentence) => `${sentence}.`).join(' '), MAX_LETTERS);
}

function questionTexts(questions: readonly AnsweredQuestion[]): string[] {
  const texts = questions.slice(0, MAX_QUESTIONS).map(({ question, answer }) => {
    const quotedQuestion = `"${cut(toSingleLine(question))}"`;
    return answer === undefined
      ? `Nobody answered ${quotedQuestion}`
      : `${quotedQuestion} was answered: ${valueText(answer)}`;
  });
  const more = questions.length - texts.length;
  return more > 0
    ? [...texts, `${capitalize(counted(more, 'other question'))} ${more === 1 ? 'was' : 'were'} asked`]
    : texts;
}

function wroteText(view: PlanView, { tool, count, firstCalls }: DoneStep, { names, request }: SummaryInput): string {
  const calls = firstCalls.map((call) => ({
    call,
    words: callWords(view, call, { names, request, past: true, where: false }),
  }));
  const { verb, noun, rest } = parseTitle(tool);
  const head = verb === undefined ? 'Done: ' : `${capitalize(pastOf(verb))} `;
  if (count === 1) {
    const sentence = calls[0]?.words.sentence ?? `${head}${rest}`;
    return verb === undefined ? `Done: ${sentence}` : sentence;
  }
  const action = noun === '' ? `${head}${rest} ${count} times` : `${head}${counted(count, noun)}`;
  const things = calls.flatMap(({ call, words }) => {
    const item = isRecord(call.item) ? nameOf(call.item as { [key: string]: Json }) : undefined;
    return item ?? words.args.find(({ name }) => name !== undefined)?.name ?? [];
  });
  if (things.length < calls.length || things.length === 0) return action;
  return `${action}, for ${joinWords(count > things.length ? [...things, `${count - things.length} more`] : things)}`;
}

function foundText(view: PlanView, input: SummaryInput): string {
  const { result } = input;
  const read = readOf(view, input);
  if (result === undefined) return 'Done';
  if (result === null) return 'Nothing was found';
  if (typeof result !== 'object') return `The answer is ${valueText(result, false, input.request.timeZone)}`;
  const title = read && parseTitle(read.tool);
  const lists = listsOf(result);
  const facts = Array.isArray(result) ? [] : factsOf(result);
  if (lists.length > 0 && facts.length === 0) {
    const countTexts = lists.slice(0, MAX_FACTS).map(({ key, count }) => {
      const noun = ENVELOPE.test(key) ? title?.noun || 'result' : singular(words(key));
      return `${counted(count, noun)}${noun === title?.noun ? filtersText(view, read!, input) : ''}`;
    });
    return `Found ${joinWords(countTexts)}`;
  }
  const counts = lists.map(({ key, count }) => counted(count, singular(words(key).replace(/^by /, ''))));
  const name = Array.isArray(result) ? undefined : nameOf(result);
  if (name !== undefined) return `Found ${title?.noun ? `the ${title.noun} ` : ''}${name}`;
  const all = [...facts, ...counts].slice(0, MAX_FACTS);
  if (all.length === 0) return 'Done';
  return `${title?.verb === undefined ? 'Found' : `${capitalize(title.rest)}:`} ${joinWords(all)}`;
}

/** Keys of lists that do not name their items. */
const ENVELOPE = /^(?:|items|data|results?|records|entries|rows|values?|list|hits|output)$/i;

function listsOf(result: Json[] | { [key: string]: Json }): { key: string; count: number }[] {
  if (Array.isArray(result)) return [{ key: '', count: result.length }];
  return firstMembers(result).flatMap(([key, value]) => (Array.isArray(value) ? [{ key, count: value.length }] : []));
}

/** Scalar members, such as "total 1,234". */
const factsOf = (result: { [key: string]: Json }): string[] =>
  firstMembers(result).flatMap(([key, value]) =>
    value === null || typeof value === 'object' || value === ''
      ? []
      : [`${words(key)} ${valueText(value, /id$/i.test(key))}`],
  );

/** The read with the result's rows. A step that lists things takes precedence over look-ups of its rows' references, and over reads of each row. */
function readOf(view: PlanView, { done }: SummaryInput): DoneStep | undefined {
  const { result } = view.plan;
  const { steps } = view.sourceOf(result === undefined ? '' : holesOf(result).flatMap(expressionsOf).join('\n'));
  const reads = done.filter(
    ({ tool, stepId }) => tool.effect === 'read' && (result === undefined || steps.includes(stepId)),
  );
  const isOnce = ({ stepId }: DoneStep) => view.plan.steps.find(({ id }) => id === stepId)?.forEach === undefined;
  const once = reads.filter(isOnce);
  return once.findLast(({ tool }) => parseTitle(tool).plural) ?? once.at(-1) ?? reads.at(-1);
}

/** The filters of a read: " of Northwind with amount at least 50,000". */
function filtersText(view: PlanView, { tool, count, firstCalls }: DoneStep, { names, request }: SummaryInput): string {
  const [call] = firstCalls;
  if (count !== 1 || call === undefined) return '';
  const { noun } = parseTitle(tool);
  const labels = new Map(argumentsOf(call.args, noun).map(({ pointer, last, of }) => [pointer, { last, of }]));
  const parts = callWords(view, call, { names, request }).args.map(({ pointer, text, name }) => {
    const { last, of } = labels.get(pointer)!;
    return { label: last, of, text: name ?? text, bare: name === undefined };
  });
  const line = sentenceOf({ verb: undefined, rest: '', noun: '', plural: false }, parts, { effect: 'read' });
  const rest = toSingleLine(line.charAt(0).toLowerCase() + line.slice(1));
  return rest === '' || rest.startsWith(',') ? rest : ` ${rest}`;
}
