import { type Awaitable, isPromise } from '@errand/basics/awaitable';
import { type Json, type JsonSchema, Plan, type PlanInput, type PlanStep, type ToolSpec } from '@errand/contracts';
import { type PagedStep, parseItemsPath, pointerOfDottedPath, setAtPath } from '../analysis/pages.ts';
import { analysePlan, topologicalOrder } from '../analysis/plan-analysis.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { under } from '../template/pointer.ts';
import { holesOf } from '../template/template.ts';
import { unusableText } from '../tools/label.ts';
import { readsOnly } from '../tools/reads-only.ts';
import { checkArgs } from './check-args.ts';
import { checkExpressions, checkOutputs } from './check-expressions.ts';
import { checkResult } from './check-result.ts';
import { checkTexts } from './check-texts.ts';
import { type Complaint, type Doubt, suggestName } from './complaint.ts';
import { DescribedOutputs } from './described.ts';
import { doubtMeaning, type MeaningContext } from './meaning/meaning.ts';
import { type AllowedTools, type PlanTools, toolNamesIn, toolNamesOf, toolsOf, toolTexts } from './plan-tools.ts';

export type CheckedPlan =
  | {
      ok: true;
      plan: Plan;
      /** Step ids, each after those it needs. */
      order: readonly string[];
      dependencies: ReadonlyMap<string, readonly string[]>;
      /** Probable mistakes. A planner receives each once, and the same plan then passes. */
      doubts: Doubt[];
    }
  | { ok: false; complaints: Complaint[]; doubts: Doubt[] };

export type CheckPlanOptions = {
  tools: AllowedTools;
  sandbox: Sandbox;
  /** Whether a model is configured for `$fill`. */
  mayFill: boolean;
  /** Why no other plan may follow, so that the plan may not end with `"then": "plan"`; absent when one may. */
  endsBecause?: string | undefined;
  /** The schema of the result. */
  outputSchema?: JsonSchema;
  /** Whether a planner wrote the plan. Callers may know more than the tools describe, and may write results out. */
  planned?: boolean;
  /** Texts to check the plan's meaning against. Absent: no doubts about the meaning. */
  meaning?: MeaningContext;
};

type CheckOptions = Omit<CheckPlanOptions, 'tools'>;

const MAX_BYTES = 256 * 1024;
/** Maximum length of the JSON text of a plan that the main thread checks itself. */
const MAX_CHECKED_HERE = 20 * 1024;
const MAX_COMPLAINTS = 50;
const MAX_HINTS = 5;

/** Checks a plan. The check of a large one takes up to half a second, so a process of the sandbox does it. */
export async function checkPlan(input: unknown, options: CheckPlanOptions): Promise<CheckedPlan> {
  const text = planText(input);
  if (typeof text !== 'string') return text;
  return text.length > MAX_CHECKED_HERE ? checkInProcess(text, toolNamesIn(input), options) : checkHere(input, options);
}

/** Checks a plan of at most `MAX_BYTES` on this thread. */
export const checkHere = (input: unknown, { tools, ...options }: CheckPlanOptions): Promise<CheckedPlan> =>
  checkWith(input, (plan) => toolsOf(toolNamesOf(plan), tools), options);

async function checkInProcess(
  plan: string,
  toolNames: readonly string[],
  { tools: source, sandbox, ...rest }: CheckPlanOptions,
): Promise<CheckedPlan> {
  const { tools, unusable, names } = await toolsOf(toolNames, source);
  const options = JSON.stringify({ ...rest, unusable: [...unusable], names });
  const checked = await sandbox.checkPlan({ plan, tools: toolTexts(tools), options });
  return checked.ok ? { ...checked, dependencies: new Map(checked.dependencies) } : checked;
}

/** @param toolsFor the tools that a plan with a valid form names */
export async function checkWith(
  input: unknown,
  toolsFor: (plan: Plan) => Awaitable<PlanTools>,
  options: CheckOptions,
): Promise<CheckedPlan> {
  const shape = checkShape(input);
  if (!shape.ok) return shape;
  const { plan } = shape;
  const planTools = await toolsFor(plan);
  const complaints = checkSteps(plan, planTools);
  const planAnalysis = await analysePlan(plan, options.sandbox);
  const described = new DescribedOutputs(plan, planTools.tools);
  const texts = checkTexts(plan);
  complaints.push(
    ...checkExpressions(plan, planAnalysis, described),
    ...texts.complaints,
    ...checkFills(plan, options.mayFill),
    ...checkEndings(plan, planTools.tools, options.endsBecause),
  );
  const { order, unordered } = topologicalOrder(planAnalysis.dependencies);
  for (const id of unordered) {
    const needs = planAnalysis.dependencies.get(id)!.filter((needed) => unordered.includes(needed));
    const message = `Step ${id} waits for ${needs.join(', ')}, which in the end waits for ${id} or for a cycle. Let no step need itself.`;
    complaints.push({ pointer: `/steps/${plan.steps.findIndex((step) => step.id === id)}`, message });
  }
  complaints.push(...(await checkAllArgs(plan, planTools.tools, options.sandbox)));
  complaints.push(...(await checkPages(plan, planTools.tools, options.sandbox)));
  const { outputSchema, sandbox, planned = false } = options;
  if (unordered.length === 0)
    complaints.push(...(await checkResult(planAnalysis, { outputSchema, described, sandbox, planned })));
  const doubts = [
    ...texts.doubts,
    ...checkOutputs(planAnalysis, described),
    ...(options.meaning ? doubtMeaning(planAnalysis, { tools: planTools.tools, described }, options.meaning) : []),
  ];
  if (complaints.length > 0) return { ok: false, complaints: complaints.slice(0, MAX_COMPLAINTS), doubts };
  return { ok: true, plan, order, dependencies: planAnalysis.dependencies, doubts };
}

async function checkAllArgs(
  plan: Plan,
  tools: ReadonlyMap<string, ToolSpec>,
  sandbox: Sandbox,
): Promise<readonly Complaint[]> {
  const complaints: Complaint[] = [];
  for (const [index, step] of plan.steps.entries()) {
    const tool = tools.get(step.tool);
    if (tool === undefined) continue;
    const ofStep = checkArgs(step.args, tool, `/steps/${index}/args`, sandbox);
    complaints.push(...(isPromise(ofStep) ? await ofStep : ofStep));
  }
  return complaints;
}

const refuse = (pointer: string, message: string) => ({
  ok: false as const,
  complaints: [{ pointer, message }],
  doubts: [],
});

/** The JSON text of a plan, or why it is none. */
function planText(input: unknown): string | (CheckedPlan & { ok: false }) {
  let text: string | undefined;
  try {
    text = JSON.stringify(input);
  } catch {
    return refuse('', 'A plan is plain JSON, not nested without end.');
  }
  if (text === undefined) return refuse('', 'A plan is an object {goal, steps, result}.');
  return Buffer.byteLength(text) > MAX_BYTES ? refuse('', `A plan has at most ${MAX_BYTES / 1024} KiB.`) : text;
}

function checkShape(input: unknown): { ok: true; plan: Plan } | (CheckedPlan & { ok: false }) {
  const deep = tooDeep(input as Json, '', 0);
  if (deep !== undefined) return refuse(deep, 'A plan is nested at most 64 levels deep.');
  const parsed = Plan.safeParse(input as PlanInput);
  if (parsed.success) return { ok: true, plan: parsed.data };
  const complaints = parsed.error.issues.slice(0, MAX_COMPLAINTS).map((issue) => ({
    pointer: issue.path.reduce<string>((pointer, key) => under(pointer, String(key)), ''),
    message: issue.message,
  }));
  return { ok: false, complaints, doubts: [] };
}

function tooDeep(value: unknown, pointer: string, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > 64) return pointer;
  for (const [key, member] of Object.entries(value)) {
    const deep = tooDeep(member, under(pointer, key), depth + 1);
    if (deep !== undefined) return deep;
  }
  return undefined;
}

/** Checks ids, tools, effects and declared dependencies. */
function checkSteps(plan: Plan, planTools: PlanTools): Complaint[] {
  // The search for a similar name is slow among thousands.
  let hints = MAX_HINTS;
  const hintOf = (name: string): string => (hints-- > 0 ? suggestName(name, planTools.names) : '');
  const ids = plan.steps.map((step) => step.id);
  return plan.steps.flatMap((step, index) => {
    const isRepeated = ids.indexOf(step.id) !== index;
    const missing = (step.dependsOn ?? []).flatMap((needed, n) =>
      ids.includes(needed) ? [] : [{ member: `dependsOn/${n}`, needed }],
    );
    const complaints = [
      ...(isRepeated ? [{ member: 'id', message: `Another step is named ${step.id} too; give each its own id.` }] : []),
      ...toolComplaint(step, planTools, hintOf),
      ...missing.map(({ member, needed }) => ({
        member,
        message: `There is no step ${needed}.${suggestName(needed, ids)}`,
      })),
    ];
    return complaints.map(({ member, message }) => ({ pointer: `/steps/${index}/${member}`, message }));
  });
}

function toolComplaint(
  { tool: name, effect }: PlanStep,
  { tools, unusable }: PlanTools,
  hintOf: (name: string) => string,
): { member: string; message: string }[] {
  const tool = tools.get(name);
  const why = unusable.get(name);
  if (why !== undefined) return [{ member: 'tool', message: unusableText(name, why, name) }];
  if (tool === undefined) return [{ member: 'tool', message: `There is no tool ${name}.${hintOf(name)}` }];
  if (effect === undefined || effect === tool.effect) return [];
  const message = `${name} is a ${tool.effect} tool; write "effect": "${tool.effect}" or leave it out.`;
  return [{ member: 'effect', message }];
}

function checkFills(plan: Plan, mayFill: boolean): Complaint[] {
  if (mayFill) return [];
  const message = 'No model is configured that could fill this in; write a literal or a binding {"$": …}.';
  const fillsOf = (template: Json, pointer: string) =>
    holesOf(template, pointer).flatMap((hole) => (hole.kind === 'fill' ? [{ pointer: hole.pointer, message }] : []));
  const ofSteps = plan.steps.flatMap((step, index) => fillsOf(step.args, `/steps/${index}/args`));
  return [...ofSteps, ...fillsOf(plan.result ?? null, '/result')];
}

/** Only reads may have pages, their items must be at a plain path, and the tool must have the argument for the next page. */
async function checkPages(plan: Plan, tools: ReadonlyMap<string, ToolSpec>, sandbox: Sandbox): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  for (const [index, step] of plan.steps.entries()) {
    const { pages, tool: name } = step;
    if (pages === undefined) continue;
    const pointer = `/steps/${index}`;
    if (parseItemsPath(pages.items.$) === undefined) {
      const message = `\`${pages.items.$}\`: items must be a plain path from page, such as page.items; filter what the step gives afterwards.`;
      complaints.push({ pointer: `${pointer}/pages/items`, message });
    }
    const tool = tools.get(name);
    if (tool === undefined) continue;
    if (tool.effect === 'write' && !readsOnly(tool))
      complaints.push({ pointer: `${pointer}/pages`, message: `${name} is a write tool, and only reads have pages.` });
    const messages = await checkCursorArgument({ ...step, pages }, tool, sandbox);
    complaints.push(...messages.map((message) => ({ pointer: `${pointer}/pages/into`, message })));
  }
  return complaints;
}

/** Why the tool rejects the cursor: the complaints about its argument that occur only with it. */
async function checkCursorArgument({ args, pages }: PagedStep, tool: ToolSpec, sandbox: Sandbox): Promise<string[]> {
  const into = pointerOfDottedPath(pages.into);
  const before = new Set((await checkArgs(args, tool, '', sandbox)).map(({ pointer }) => pointer));
  const withPlace = await checkArgs(setAtPath(args, pages.into, { $: pages.next.$ }), tool, '', sandbox);
  return withPlace.flatMap(({ pointer, message }) =>
    !before.has(pointer) && (into === pointer || into.startsWith(`${pointer}/`)) ? [message] : [],
  );
}

const checkSay = ({ steps }: Plan): Complaint[] =>
  steps.flatMap(({ unless, say }, index) => {
    if ((unless === undefined) === (say === undefined)) return [];
    if (unless === undefined) {
      const message = 'say is told when unless ends the plan: add unless, or leave say out.';
      return [{ pointer: `/steps/${index}/say`, message }];
    }
    const message =
      'unless ends the plan, and people must be told why: add say, one sentence such as "There is no account named Northwind."';
    return [{ pointer: `/steps/${index}/unless`, message }];
  });

/**
 * How a plan may end: with a result, early in words for people (`unless`, `say`), or with another plan (`then`).
 * @param endsBecause why no other plan may follow
 */
function checkEndings(plan: Plan, tools: PlanTools['tools'], endsBecause: string | undefined): Complaint[] {
  const { steps, result, then, mayWrite = [] } = plan;
  const complaints = checkSay(plan);
  if (then === undefined) {
    const message =
      'mayWrite is for the plan after this one: leave it out, or write "then": "plan" in place of result.';
    return plan.mayWrite ? [...complaints, { pointer: '/mayWrite', message }] : complaints;
  }
  if (endsBecause !== undefined) return [...complaints, { pointer: '/then', message: endsBecause }];
  if (result !== undefined)
    complaints.push({ pointer: '/then', message: 'then stands in place of result: leave one of them out.' });
  for (const [index, { tool: name }] of steps.entries()) {
    const tool = tools.get(name);
    if (tool === undefined || readsOnly(tool)) continue;
    const message = `${name} is a write tool, and a plan with "then": "plan" only reads: write in the plan that comes after it.`;
    complaints.push({ pointer: `/steps/${index}/tool`, message });
  }
  for (const [index, name] of mayWrite.entries()) {
    const tool = tools.get(name);
    if (tool?.effect === 'write') continue;
    const message = tool ? `${name} is a read tool; mayWrite names write tools alone.` : `There is no tool ${name}.`;
    complaints.push({ pointer: `/mayWrite/${index}`, message });
  }
  return complaints;
}
