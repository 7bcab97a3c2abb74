import { isRecord } from '@errand/basics/is-record';
import type {
  ArgOrigin,
  ArgumentInWords,
  Json,
  Plan,
  PlanInWords,
  PlanStep,
  StepDetails,
  StepInWords,
  ToolSpec,
} from '@errand/contracts';
import { expressionsOf, type Hole, holeAt, holesOf, holeValue } from '../template/template.ts';
import { ASK } from '../tools/ask.ts';
import { cut, integrationLabel, toSingleLine, words } from '../tools/label.ts';
import { type Argument, argumentsOf } from './arguments.ts';
import { holeAtPointer, originOf, type RunRequest, toOriginWords } from './call-words.ts';
import { PlanView, type Source } from './plan-view.ts';
import { type SentenceArgument, sentenceOf } from './sentence.ts';
import { joinWords, singular, valueText } from './text.ts';
import { parseTitle, titleText } from './title.ts';

/** The facts known before a plan runs. `computed`: values that it computes from its run alone, by JSON pointer into the plan. */
export type PreRunFacts = Partial<RunRequest> & { computed?: ReadonlyMap<string, Json> };

/** A plan in words: the action of each step, its objects, and the origin of each argument. */
export function planWords(plan: Plan, tools: readonly ToolSpec[], beforeRun: PreRunFacts = {}): PlanInWords {
  const view = new PlanView(plan, tools);
  const then = plan.then === undefined ? undefined : 'another plan, made with what was read';
  const result = plan.result === undefined ? then : resultWords(view, plan.result);
  return {
    goal: cut(toSingleLine(plan.goal), 400),
    steps: plan.steps.map((step, index) => stepWords(view, step, index, beforeRun)),
    ...(result !== undefined && { result }),
  };
}

/** The steps of a plan as numbered sentences. */
const planLines = ({ steps }: PlanInWords): string[] =>
  steps.map(({ sentence, effect, notes }, index) => {
    const all = [...(effect === 'write' ? ['changes something'] : []), ...notes];
    return `${index + 1}. ${sentence}${all.length === 0 ? '' : ` (${all.join('; ')})`}`;
  });

/** A plan as text for people: its goal, then a numbered line for each step, with the origins of its arguments below. */
export const renderPlan = (plan: Plan, tools: readonly ToolSpec[] = [], beforeRun: PreRunFacts = {}): string =>
  renderWords(planWords(plan, tools, beforeRun));

/** The text of a plan in words. */
export function renderWords(words: PlanInWords): string {
  const { goal, steps, result } = words;
  const heads = planLines(words);
  const lines = steps.flatMap(({ args }, index) => {
    const origins = args.map(({ label, origin }) => `${label}: ${origin}`).join('; ');
    return origins === '' ? [heads[index]!] : [heads[index]!, `   ${cut(origins, 600)}`];
  });
  return [goal, '', ...lines, ...(result === undefined ? [] : ['', `Result: ${result}`])].join('\n');
}

function stepWords(view: PlanView, step: PlanStep, index: number, beforeRun: PreRunFacts): StepInWords {
  const tool = view.tool(step);
  const title = parseTitle(tool ?? { operation: step.tool.slice(step.tool.indexOf('.') + 1) });
  const effect = tool?.effect ?? step.effect ?? 'read';
  const { intent = '', context = '', timeZone } = beforeRun;
  const request = { intent, context, ...(timeZone !== undefined && { timeZone }) };
  const all = argumentsOf(step.args, title.noun).map((argument) => {
    const computed = beforeRun.computed?.get(`/steps/${index}/args${argument.pointer}`);
    const part = partOf(view, step, argument, { computed, request });
    const { pointer, label } = argument;
    const origin = toOriginWords(originOf(view, step, argument, request));
    return { part, words: { pointer, label, text: part.text, ...origin } };
  });
  const parts = all.map(({ part }) => part);
  const where = tool && view.callsSeveralIntegrations ? { where: integrationLabel(tool) } : {};
  return {
    sentence: cut(questionText(step) ?? sentenceOf(title, parts, { effect, ...where }), 400),
    ...(tool && { integration: integrationLabel(tool) }),
    effect,
    ...(step.reason !== undefined && { reason: cut(toSingleLine(step.reason), 400) }),
    notes: notesOf(view, step, parts),
    args: all.map(({ words }) => words),
  };
}

/** The question of a step that asks people; undefined for other steps. */
function questionText({ tool, args: { question } }: PlanStep): string | undefined {
  if (tool !== ASK.name) return undefined;
  return typeof question === 'string'
    ? `Ask a person: "${toSingleLine(question)}"`
    : 'Ask a person a question made from what was found';
}

function notesOf(view: PlanView, step: PlanStep, parts: readonly SentenceArgument[]): string[] {
  const list = step.forEach && view.sourceOf(step.forEach.$);
  const condition = step.when && view.sourceOf(step.when.$, step);
  const findings = (ids: readonly string[]) => (ids.length > 0 ? `what ${view.stepNumbersText(ids)} found` : undefined);
  const allows = (ids: readonly string[]) => (ids.length > 0 ? `${findings(ids)} allows it` : 'a condition holds');
  const ends = step.unless && view.sourceOf(step.unless.$, step);
  const foundIn = (ids: readonly string[]) =>
    ids.length === 0 ? 'of a list' : `found in ${view.stepNumbersText(ids)}`;
  const notes = [
    list && !parts.some(({ text }) => text.startsWith('each ')) && `once for each item ${foundIn(list.steps)}`,
    step.pages && `at most ${step.pages.max} pages`,
    ends && `the plan may end here, depending on ${findings(ends.steps) ?? 'a condition'}`,
    condition && `only if ${allows(condition.steps)}`,
    step.dependsOn?.length && `after ${view.stepNumbersText(step.dependsOn)}`,
  ];
  return notes.filter((note) => typeof note === 'string');
}

/** The facts about an argument before the run. */
type BeforeRunOf = { computed: Json | undefined; request: RunRequest };

function partOf(
  view: PlanView,
  step: PlanStep,
  { pointer, last, of, value }: Argument,
  { computed, request }: BeforeRunOf,
): SentenceArgument {
  const part = { label: last, of };
  if (computed !== undefined) return { ...part, text: valueText(computed, of !== undefined, request.timeZone) };
  const hole = holeAtPointer(step.args, pointer);
  const holes = hole === undefined ? holesOf(value) : [hole];
  if (holes.length === 0) return { ...part, text: valueText(value, of !== undefined, request.timeZone), bare: true };
  if (hole?.kind === 'fill') return { ...part, text: 'written by a model', computed: true };
  if (hole?.kind === 'text') return { ...part, text: valueText(templateText(view, step, hole)) };
  const texts = holes.flatMap(expressionsOf);
  const source = view.sourceOf(texts.join('\n'), step);
  // The sentence has the texts of the request; the origin has the other texts, too.
  const requestText = `${request.intent}\n${request.context}`.toLowerCase();
  const alone = requestText.trim() === '' || source.steps.length === 0;
  const named = alone ? source.literals : source.literals.filter((text) => requestText.includes(text.toLowerCase()));
  return { ...part, text: sourceText(view, { ...source, literals: named }, of), computed: true };
}

/** A text with placeholders for its expressions: "Call [name found in 1]". */
function templateText(view: PlanView, step: PlanStep, hole: Hole): string {
  const values = expressionsOf(hole).map((expression) => {
    const { steps } = view.sourceOf(expression, step);
    const name = words(/(?<!\w)[A-Za-z_]\w*$/.exec(expression.trimEnd())?.[0] ?? 'value');
    return `[${name}${steps.length === 0 ? '' : ` found in ${view.stepNumbersText(steps)}`}]`;
  });
  return String(holeValue(hole, values) ?? hole.text);
}

/** A value that is not known yet, in a sentence. */
function sourceText(view: PlanView, source: Source, of: string | undefined): string {
  const { steps, item, now, literals } = source;
  const at = steps.length === 0 ? '' : ` found in ${view.stepNumbersText(steps)}`;
  const purpose = literals.length === 0 ? '' : ` for ${joinWords(literals.map((text) => `"${text}"`))}`;
  if (of !== undefined) {
    if (item) return `each ${singular(of)}${at}`;
    if (steps.length > 0) return `the ${of}${at}${purpose}`;
    const origin = runOriginOf(source);
    return origin === undefined ? `a computed ${of}` : `the ${of} of the ${origin}`;
  }
  if (steps.length > 0) return `as${at}${purpose}`;
  if (item) return 'of the item';
  if (now) return 'computed from now';
  const origin = runOriginOf(source);
  if (origin !== undefined) return `from the ${origin}`;
  return literals.length === 0 ? 'computed' : joinWords(literals.map((text) => `"${text}"`));
}

const runOriginOf = (source: Source): 'context' | 'intent' | 'input' | undefined =>
  (['context', 'intent', 'input'] as const).find((origin) => source[origin]);

/** The origin of the plan's result, by steps. */
function resultWords(view: PlanView, result: Json): string {
  const from = (value: Json): string => {
    const holes = holesOf(value);
    if (holes.length === 0) return cut(toSingleLine(JSON.stringify(value)), 100);
    if (holes.some(({ kind }) => kind === 'fill')) return 'written by a model';
    const { steps } = view.sourceOf(holes.flatMap(expressionsOf).join('\n'));
    return steps.length === 0 ? 'computed' : `from ${view.stepNumbersText(steps)}`;
  };
  if (!isRecord(result) || holeAt(result, '') !== undefined)
    return from(result).replace(/^from (.+)$/, 'what $1 found');
  return cut(joinWords(Object.entries(result).map(([key, value]) => `${words(key)} ${from(value)}`)), 400);
}

/** Each step of each run has a title, and runs share their tools. */
const titles = new WeakMap<ToolSpec, string>();

/** The title of a step for people: "Demo CRM: List deals". @param tool undefined when it no longer exists */
export function stepTitle(toolName: string, tool: ToolSpec | undefined): string {
  if (toolName === ASK.name) return 'Ask a person';
  if (!tool) return titleText(parseTitle({ operation: toolName.slice(toolName.indexOf('.') + 1) }));
  const title = titles.get(tool) ?? `${integrationLabel(tool)}: ${titleText(parseTitle(tool))}`;
  titles.set(tool, title);
  return title;
}

/** The origin of each argument, by its pointer. Words that an earlier version stored may lack it. */
export const originsOf = (args: readonly ArgumentInWords[]): { [pointer: string]: ArgOrigin } =>
  Object.fromEntries(
    args.flatMap(({ pointer, from, stepId, path, origin: text }) => {
      if (from === undefined) return [];
      return [[pointer, { from, ...(stepId !== undefined && { stepId }), ...(path !== undefined && { path }), text }]];
    }),
  );

/** The steps of a plan with their dependencies and the origins of their arguments, and all steps as sentences. */
export function planDetails(
  plan: Plan,
  tools: readonly ToolSpec[],
  inWords: PlanInWords,
): { steps: StepDetails[]; words: string[] } {
  const view = new PlanView(plan, tools);
  const steps = plan.steps.map((step, index): StepDetails => {
    const { effect, args } = inWords.steps[index]!;
    const title = stepTitle(step.tool, view.tool(step));
    return { stepId: step.id, title, effect, needs: view.dependenciesOf(step), argOrigins: originsOf(args) };
  });
  return { steps, words: planLines(inWords) };
}
