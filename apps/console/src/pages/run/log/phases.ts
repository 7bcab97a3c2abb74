// Where the time of a run went.
import type { Outputs } from '@errand/client/console';
import { mergeIntervals, totalOf, uncovered } from './intervals.ts';
import { type RunLog, timeOf } from './log.ts';

export type Run = Outputs['runs']['get'];
export type Plan = Extract<Outputs['executionPlans']['get'], { planType: 'json' }>;
export type PhaseName = keyof NonNullable<Run['phases']>;
export type Phase = { name: PhaseName; ms: number };

const ORDER: readonly PhaseName[] = ['queuedMs', 'planningMs', 'callsMs', 'waitingMs'];

/** The planners take time; other plans exist when the run starts. */
const PLANNERS: readonly string[] = ['builtin', 'model'] satisfies Plan['madeBy']['kind'][];

/** When planning began and ended; absent if no planner was used. @param now for a planner that works at this moment */
export function planningOf(run: Run, plan: Plan | undefined, now: number): { from: number; to: number } | undefined {
  if (run.startedAt === undefined) return undefined;
  const from = timeOf(run.startedAt);
  if (!plan) return run.endedAt === undefined ? { from, to: now } : undefined;
  const first = plan.versions[0] ?? plan;
  if (!PLANNERS.includes(first.madeBy.kind)) return undefined;
  return { from, to: Math.max(from, timeOf(first.madeAt)) };
}

/** The phases of an ended run as the service has measured them; of others as their events tell. Those without time are left out. */
export function phasesOf(run: Run, log: RunLog, plan: Plan | undefined, now: number): Phase[] {
  const phases = run.phases ?? measure(run, log, plan, now);
  return ORDER.map((name) => ({ name, ms: phases[name] ?? 0 })).filter(({ ms }) => ms > 0);
}

function measure(run: Run, log: RunLog, plan: Plan | undefined, now: number): Record<PhaseName, number> {
  const created = timeOf(run.createdAt);
  const until = run.endedAt === undefined ? Math.max(now, created) : timeOf(run.endedAt);
  const started = run.startedAt === undefined ? until : timeOf(run.startedAt);
  const waits = mergeIntervals(
    [...log.waits.values()].map(({ from, to }) => ({ from, to: Math.min(to ?? until, until) })),
  );
  const planning = planningOf(run, plan, until);
  const queuedMs = Math.max(0, started - created);
  const planningMs = planning ? uncovered(planning, waits) : 0;
  const waitingMs = totalOf(waits);
  return { queuedMs, planningMs, waitingMs, callsMs: Math.max(0, until - created - queuedMs - planningMs - waitingMs) };
}
