// Events for the tests of the log.

import type { RunEvent, Step, ToolCall } from './log.ts';
import type { Plan, Run } from './phases.ts';

export const START = Date.parse('2026-11-30T10:00:00.000Z');
/** The time so many ms after the start. */
export const at = (ms: number): string => new Date(START + ms).toISOString();

type Body = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'seq' | 'runId' | 'runStatus' | 'timestamp'>
    : never
  : never;

export const event = (seq: number, ms: number, body: Body): RunEvent =>
  ({ seq, runId: 'run', runStatus: 'RUNNING', timestamp: at(ms), ...body }) as RunEvent;

export const step = (stepId: string, fields: Partial<Step> = {}): { type: 'step'; step: Step } => ({
  type: 'step',
  step: { stepId, reason: '', approval: 'NOT_REQUIRED', state: 'done', ...fields },
});

export const call = (toolCallId: string, from: number, to: number, fields: Partial<ToolCall> = {}): ToolCall => ({
  toolCallId,
  toolName: 'crm.tool',
  state: 'done',
  effect: 'read',
  startedAt: at(from),
  endedAt: at(to),
  ...fields,
});

export const run = (fields: Partial<Run> = {}): Run =>
  ({ runId: 'run', status: 'RUNNING', createdAt: at(0), startedAt: at(100), waitingOn: [], ...fields }) as Run;

export const plan = (
  kind: Plan['madeBy']['kind'],
  madeAtMs: number,
  steps: Partial<Plan['steps'][number]>[] = [],
): Plan =>
  ({
    planType: 'json',
    plan: { goal: '', steps: [] },
    madeBy: { kind },
    madeAt: at(madeAtMs),
    version: 1,
    versions: [{ version: 1, madeAt: at(madeAtMs), madeBy: { kind } }],
    words: [],
    steps: steps.map((each) => ({ title: 'CRM: Do it', effect: 'read', needs: [], argOrigins: {}, ...each })),
  }) as Plan;
