// The steps of a plan with their states, and the values that went from step to step.
import { duration } from '../../../display/duration.ts';
import { textOf } from '../../../display/shape.ts';
import type { FlowStep } from '../../../plan/flow-step.ts';
import { type RunLog, type StepRecord, timeOf } from './log.ts';
import type { Plan } from './phases.ts';

type StepDetails = Plan['steps'][number];
/** A value on an edge. */
const MAX_VALUE = 40;

export function flowSteps(plan: Plan | undefined, log: RunLog): FlowStep[] {
  return (plan?.steps ?? []).map((details) => flowStep(details, log));
}

function flowStep(details: StepDetails, log: RunLog): FlowStep {
  const { stepId, title, effect, needs } = details;
  const record = log.steps.get(stepId);
  const state = stateOf(stepId, record, log);
  return {
    stepId,
    title,
    effect,
    needs: needs.map((need) => edgeOf(details, need, record)),
    state,
    iterations: iterationsOf(stepId, record, log),
    // The text of a request that was withdrawn says nothing any more.
    note: state === 'planned' ? undefined : noteOf(record),
  };
}

export function stateOf(stepId: string, record: StepRecord | undefined, log: RunLog): FlowStep['state'] {
  const isRunning = [...log.running.values()].some((call) => call.stepId === stepId);
  if (!record) return isRunning ? 'running' : 'planned';
  const { state, takenFrom, effectId } = record.step;
  if (takenFrom !== undefined) return 'taken over';
  if (state === 'waiting') return effectId === undefined ? waitingOr(isRunning, record, log) : 'uncertain';
  if (isRunning) return 'running';
  const isUncertain = [...record.calls.values()].some((call) => call.state === 'uncertain');
  return isUncertain ? 'uncertain' : (state ?? 'done');
}

/** After a decision the step goes on, though its newest event still tells of the request; after the end it does not. */
function waitingOr(isRunning: boolean, { step }: StepRecord, log: RunLog): FlowStep['state'] {
  const isOpen = step.approvalId === undefined || log.waits.get(step.approvalId)?.to === undefined;
  if (isRunning || (!isOpen && !log.end)) return 'running';
  return isOpen ? 'waiting' : 'planned';
}

function iterationsOf(stepId: string, record: StepRecord | undefined, log: RunLog): FlowStep['iterations'] {
  const calls = [...(record?.calls.values() ?? [])];
  const running = [...log.running].filter(([callId, call]) => call.stepId === stepId && callId !== stepId);
  if (calls.length < 2 && running.length === 0) return undefined;
  const done = calls.filter(({ state }) => state === 'done' || state === 'skipped').length;
  return { done, total: Math.max(calls.length, done + running.length) };
}

function noteOf(record: StepRecord | undefined): string | undefined {
  if (!record) return undefined;
  const { text, startedAt, endedAt } = record.step;
  const time =
    startedAt !== undefined && endedAt !== undefined ? duration(timeOf(endedAt) - timeOf(startedAt)) : undefined;
  return [time, text].filter(Boolean).join(' · ') || undefined;
}

/** The argument that a step takes from another one, with its value once it was sent. */
function edgeOf({ argOrigins }: StepDetails, need: string, record: StepRecord | undefined): FlowStep['needs'][number] {
  const taken = Object.entries(argOrigins).filter(([, { stepId }]) => stepId === need);
  const [first] = taken;
  if (!first) return { stepId: need };
  const [pointer, { from, path }] = first;
  const name = nameOf(pointer);
  const more = taken.length > 1 ? ` +${taken.length - 1}` : '';
  const [call, ...others] = [...(record?.calls.values() ?? [])];
  const value = call && others.length === 0 ? valueAt(call.toolParameters, pointer) : undefined;
  if (value !== undefined && from === 'step') return { stepId: need, label: `${name} = ${cut(textOf(value))}${more}` };
  const source = from === 'item' ? 'each item' : path;
  return { stepId: need, label: `${name}${source === undefined ? '' : ` ← ${source}`}${more}` };
}

const cut = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text);

/** The last name in a JSON pointer. */
const nameOf = (pointer: string): string => unescapeToken(pointer.split('/').at(-1) ?? '');

const unescapeToken = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');
const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');

/** The value at a JSON pointer; undefined if there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let current = value;
  for (const token of pointer.split('/').slice(1)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, unescapeToken(token)))
      return undefined;
    current = (current as Record<string, unknown>)[unescapeToken(token)];
  }
  return current;
}

export type Argument = { pointer: string; name: string; value: unknown; origin?: StepDetails['argOrigins'][string] };
const MAX_ARGUMENTS = 100;

/** The arguments of a call or a plan, as the origins name them. Values that origins say nothing of are not taken apart further than two levels. */
export function argumentsOf(args: unknown, origins: StepDetails['argOrigins']): Argument[] {
  const found: Argument[] = [];
  const visit = (value: unknown, pointer: string, depth: number) => {
    if (found.length >= MAX_ARGUMENTS) return;
    const isKnown = Object.hasOwn(origins, pointer);
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value) && !isHole(value);
    const hasKnown = Object.keys(origins).some((known) => known.startsWith(`${pointer}/`));
    if (!isKnown && isGroup && Object.keys(value).length > 0 && (depth < 2 || hasKnown))
      for (const [name, item] of Object.entries(value)) visit(item, `${pointer}/${escapeToken(name)}`, depth + 1);
    else if (pointer !== '') found.push({ pointer, name: nameOf(pointer), value, ...originOf(origins, pointer) });
  };
  visit(args, '', 0);
  return found;
}

/** The origin of a value, or of the group that it is in. */
function originOf(origins: StepDetails['argOrigins'], pointer: string): Pick<Argument, 'origin'> {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const origin = origins[at];
    if (origin) return { origin };
  }
  return {};
}

const HOLES = ['$', '$text', '$fill'];
/** Whether a value of a plan is computed when its step runs. */
export const isHole = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && HOLES.some((name) => Object.hasOwn(value, name));
