import type { ArgOrigin, ArgumentInWords, CallInWords, Json, PlanStep, ToolSpec } from '@errand/contracts';
import { namesIn } from '../template/pointer.ts';
import { expressionsOf, holeAt } from '../template/template.ts';
import { cut, integrationLabel, toSingleLine } from '../tools/label.ts';
import { type Argument, argumentsOf } from './arguments.ts';
import type { Names } from './names.ts';
import type { PlanView } from './plan-view.ts';
import { type SentenceArgument, sentenceOf } from './sentence.ts';
import { capitalize, counted, nameOf, valueText } from './text.ts';
import { parseTitle, titleText } from './title.ts';

/** The texts of a run's caller, in which literals may originate, and the time zone in which people read moments. */
export type RunRequest = { intent: string; context: string; timeZone?: string };

/** A call with its arguments. `item`: the item of its step's list. */
export type CallWithArgs = { step: PlanStep; tool: ToolSpec; args: { [key: string]: Json }; item?: Json };

type WordsOptions = { names: Names; request: RunRequest; past?: boolean; where?: boolean };

/** A call in words: names instead of ids, and the origin of each argument. */
export function callWords(
  view: PlanView,
  { step, tool, args, item }: CallWithArgs,
  options: WordsOptions,
): CallInWords {
  const { names, request, past = false, where = true } = options;
  const title = parseTitle(tool);
  const all = argumentsOf(args, title.noun).map((argument): ArgumentInWords & { part: SentenceArgument } => {
    const { pointer, label, last, of, value } = argument;
    const name = of === undefined ? names.of(value) : names.of(value, true);
    const text = valueText(value, of !== undefined, request.timeZone);
    const part = { label: last, of, text: name ?? text, bare: name === undefined };
    const origin = toOriginWords(originOf(view, step, argument, request));
    return { pointer, label, text, ...(name !== undefined && { name }), ...origin, part };
  });
  const parts = all.map(({ part }) => part);
  const sentence = sentenceOf(title, parts, {
    effect: tool.effect,
    ...(where && { where: integrationLabel(tool) }),
    past,
  });
  const itemText = itemName(item);
  // The item distinguishes the calls of a list, even when no argument names it.
  const withItem = itemText === undefined || sentence.includes(itemText) ? sentence : `${sentence}, for ${itemText}`;
  const reason = step.reason === undefined ? {} : { reason: cut(toSingleLine(step.reason), 400) };
  return { sentence: withItem, ...reason, args: all.map(({ part: _, ...argument }) => argument) };
}

function itemName(item: Json | undefined): string | undefined {
  if (item === undefined || item === null || Array.isArray(item)) return undefined;
  return typeof item === 'object' ? nameOf(item) : valueText(item);
}

/** The origin of an argument's value, by the expression or literal in the plan. */
export function originOf(view: PlanView, step: PlanStep, { pointer, value }: Argument, request: RunRequest): ArgOrigin {
  const hole = holeAtPointer(step.args, pointer);
  if (hole === undefined) return originOfLiteral(value, request);
  if (hole.kind === 'fill') return { from: 'model', text: `written by a model: "${cut(toSingleLine(hole.text), 80)}"` };
  return view.originOf(view.sourceOf(expressionsOf(hole).join('\n'), step));
}

/** The members of an argument in words that describe its origin. */
export function toOriginWords({
  text,
  ...rest
}: ArgOrigin): Omit<ArgumentInWords, 'pointer' | 'label' | 'text' | 'name'> {
  return { origin: text, ...rest };
}

/** The hole at a pointer or on the way to it. */
export function holeAtPointer(args: Json, pointer: string) {
  let at: Json | undefined = args;
  for (const key of namesIn(pointer)) {
    if (typeof at !== 'object' || at === null || holeAt(at, '') !== undefined) break;
    at = (at as { [key: string]: Json })[key];
  }
  return at === undefined ? undefined : holeAt(at, pointer);
}

const normalizedText = (text: string): string => text.toLowerCase().replace(/(\d)[,' ](?=\d{3}\b)/g, '$1');

function originOfLiteral(value: Json, { intent, context }: RunRequest): ArgOrigin {
  const scalars = (Array.isArray(value) ? value : [value]).filter((scalar) => typeof scalar !== 'object');
  const texts = scalars.map((scalar) => normalizedText(String(scalar)));
  const isIn = (text: string) =>
    texts.length > 0 && texts.every((part) => part !== '' && normalizedText(text).includes(part));
  if (isIn(intent)) return { from: 'intent', text: 'from the intent' };
  return isIn(context) ? { from: 'context', text: 'from the context' } : { from: 'literal', text: 'set by the plan' };
}

/** Several calls of a tool in one sentence without its end: "Send 40 messages at Mail". */
export function manyCallsWords(tool: ToolSpec, count: number): string {
  const title = parseTitle(tool);
  const { verb, noun, plural } = title;
  const where = integrationLabel(tool);
  return verb === undefined || noun === '' || plural
    ? `${titleText(title)} at ${where}, ${count} times`
    : `${capitalize(verb)} ${counted(count, noun)} at ${where}`;
}
