import type { Json, Plan, ToolSpec } from '@errand/contracts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { createHole, expressionsOf, fillHoles, type Hole, holesOf } from '../template/template.ts';
import { endOfQuote, QUOTES } from '../template/text.ts';
import { argumentLabel, stepLabel } from '../tools/label.ts';
import { joinWords } from '../words/text.ts';
import { type PlanEnd, STATE_WORDS, type StepEnd, type StepEnds } from './plan-execution.ts';

type Analyses = ReadonlyMap<string, Analysis>;
/** A value of the result that is null because a step has no answer. */
export type MissingValue = { pointer: string; stepId: string };

/** Maximum depth to which objects within one expression are split. */
const MAX_LEVELS = 8;
/** Maximum numbers: values of a step in a sentence, steps in a sentence, values listed for developers. */
const MAX_NAMED = { values: 5, steps: 3, listed: 20 };

export const hasFullAnswer = (end: StepEnd): boolean =>
  (end.state === 'done' && !end.unknown) || end.state === 'skipped';

/** Whether a step has no answer: it failed, was denied or was not run, or its answer is unknown. With forEach: for none of its items. */
export const hasNoAnswer = (end: StepEnd): boolean =>
  !hasFullAnswer(end) &&
  (end.output.outputs.length === 0 ||
    !end.calls.some(({ outcome }) => outcome.kind === 'done' && outcome.unknown !== true));

/** The first of some steps that an expression reads; one that takes `steps` as a whole reads all. */
const firstStepRead = (analysis: Analysis | undefined, stepIds: ReadonlySet<string>): string | undefined => {
  if (!analysis?.ok) return undefined;
  if (analysis.readsAll) return [...stepIds][0];
  return analysis.steps.find(({ id }) => stepIds.has(id))?.id;
};

/** The step without an answer that a hole reads, if any. */
export const unansweredStepOf = (hole: Hole, analyses: Analyses, lost: ReadonlySet<string>): string | undefined =>
  expressionsOf(hole)
    .map((expression) => firstStepRead(analyses.get(expression), lost))
    .find((id) => id !== undefined);

/**
 * Splits result objects that read a step without an answer, so that their other members keep their values.
 * @returns the result, and the analyses of its expressions
 */
export async function splitObjects(
  result: Json,
  analyses: Analyses,
  { lost: unansweredIds, sandbox }: { lost: ReadonlySet<string>; sandbox: Sandbox },
): Promise<{ template: Json; analyses: Analyses }> {
  const analysisOf = new Map(analyses);
  const whole = new Set<string>();
  let template = result;
  for (let level = 0; level < MAX_LEVELS; level++) {
    const objects = holesOf(template).flatMap((hole) => {
      const isObject =
        hole.kind === 'binding' &&
        !whole.has(hole.pointer) &&
        unansweredStepOf(hole, analysisOf, unansweredIds) !== undefined;
      const members = isObject ? objectMembers(hole.text) : undefined;
      return members ? [{ pointer: hole.pointer, members }] : [];
    });
    if (objects.length === 0) break;
    const texts = objects.flatMap(({ members }) => [...members.values()]);
    for (const [index, analysis] of (await sandbox.analyse(texts)).entries()) analysisOf.set(texts[index]!, analysis);
    const apart = new Map<string, Json>();
    for (const { pointer, members } of objects) {
      if (![...members.values()].every((text) => analysisOf.get(text)?.ok)) whole.add(pointer);
      else apart.set(pointer, Object.fromEntries([...members].map(([key, text]) => [key, { $: text }])));
    }
    template = fillHoles(template, (hole) => apart.get(hole.pointer) ?? createHole(hole.kind, hole.text)) ?? null;
  }
  return { template, analyses: analysisOf };
}

/** The values that a result lacks, for people and for developers; undefined when it lacks none. */
export function missingText(
  missing: readonly MissingValue[],
  { plan, tools, steps }: { plan: Plan; tools: readonly ToolSpec[]; steps: StepEnds },
): PlanEnd['missing'] {
  if (missing.length === 0) return undefined;
  const stepIds = [...new Set(missing.map(({ stepId }) => stepId))];
  const sentences = stepIds.slice(0, MAX_NAMED.steps).map((stepId, index) => {
    const values = missing.filter((value) => value.stepId === stepId);
    const why = `${stepLabel(plan, tools, stepId)} ${STATE_WORDS[steps.get(stepId)!.state] ?? 'has no known answer'}`;
    if (values.some(({ pointer }) => pointer === '')) return `There is no result: ${why}.`;
    const labels = values.slice(0, MAX_NAMED.values).map(({ pointer }) => argumentLabel(pointer));
    return `${index === 0 ? 'The result' : 'It'} has no ${joinWords(labels)}: ${why}.`;
  });
  const errors = missing.slice(0, MAX_NAMED.listed).map(({ pointer, stepId }) => ({
    pointer: `/result${pointer}`,
    message: `It is null: it needs the output of step ${stepId}, which has none.`,
  }));
  return { steps: stepIds.length, text: sentences.join(' '), errors };
}

/**
 * The members of an expression that is an object literal, `{ 'a': …, "b": … }`, each an expression. Undefined for any other expression, and
 * for computed keys. A pattern with quotes or braces may be cut in the middle: parse each member.
 */
export function objectMembers(expression: string): Map<string, string> | undefined {
  const text = expression.trim();
  const parts = text.startsWith('{') ? splitMembers(text) : undefined;
  if (parts === undefined) return undefined;
  const members = new Map<string, string>();
  for (const part of parts) {
    const [whole, double, single] = /^\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*:/.exec(part) ?? [];
    const key = double ?? single;
    if (whole === undefined || key === undefined || key === '__proto__' || members.has(key)) return undefined;
    members.set(key, part.slice(whole.length).trim());
  }
  return members;
}

const CLOSES: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };
const CLOSING: ReadonlySet<string> = new Set(Object.values(CLOSES));

/** The texts between the commas of an object; undefined unless its last brace ends the text. */
function splitMembers(text: string): string[] | undefined {
  const open: string[] = [];
  const parts: string[] = [];
  let from = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (text.startsWith('/*', at)) return undefined;
    if (QUOTES.has(char)) at = endOfQuote(text, at);
    else if (CLOSES[char] !== undefined) open.push(CLOSES[char]);
    else if (CLOSING.has(char) && !closes(open, char, at === text.length - 1)) return undefined;
    else if (char === ',' && open.length === 1) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return open.length === 0 ? [...parts, text.slice(from, -1)] : undefined;
}

/** Whether a bracket closes the last open one. The outermost may close only at the end of the text. */
const closes = (open: string[], bracket: string, isEnd: boolean): boolean =>
  open.pop() === bracket && (open.length > 0 || isEnd);
