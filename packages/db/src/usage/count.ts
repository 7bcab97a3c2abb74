import type { EndedRun } from './ended-run.ts';
import { addBuckets, addValue, type Buckets } from './sketch.ts';

export const usageKinds = ['status', 'integration', 'tool', 'user'] as const;
export type UsageKind = (typeof usageKinds)[number];

const phases = ['total', 'queued', 'planning', 'calls', 'waiting'] as const;
type Phase = (typeof phases)[number];
const counts = ['runs', 'succeeded', 'failed', 'calls', 'callErrors', 'tokens'] as const;

export type Usage = Record<(typeof counts)[number], number> & {
  /** Null: a price is unknown, or currencies differ. */
  cost: number | null;
  currency: string | null;
  /** Durations in ms of the runs that had the phase. */
  times: Record<Phase, Buckets>;
};

export const noUsage = (): Usage => ({
  runs: 0,
  succeeded: 0,
  failed: 0,
  calls: 0,
  callErrors: 0,
  tokens: 0,
  cost: 0,
  currency: null,
  times: { total: {}, queued: {}, planning: {}, calls: {}, waiting: {} },
});

export function addUsage(usage: Usage, more: Usage): void {
  for (const count of counts) usage[count] += more[count];
  const mixed = usage.currency !== null && more.currency !== null && usage.currency !== more.currency;
  usage.cost = mixed || usage.cost === null || more.cost === null ? null : usage.cost + more.cost;
  usage.currency ??= more.currency;
  for (const phase of phases) addBuckets(usage.times[phase], more.times[phase] ?? {});
}

function usageOf(run: EndedRun, calls: { n: number; errors: number }): Usage {
  const { tokens, cost, currency, status } = run;
  const usage = { ...noUsage(), runs: 1, calls: calls.n, callErrors: calls.errors, tokens, cost, currency };
  usage.succeeded = status === 'SUCCESS' ? 1 : 0;
  usage.failed = status === 'FAILED' ? 1 : 0;
  addValue(usage.times.total, run.total);
  if (run.queued === null) return usage;
  const planning = run.planning === null ? 0 : Math.max(0, run.planning);
  const waiting = run.waiting ?? 0;
  addValue(usage.times.queued, run.queued);
  if (run.planning !== null) addValue(usage.times.planning, planning);
  if (waiting > 0) addValue(usage.times.waiting, waiting);
  addValue(usage.times.calls, Math.max(0, run.total - run.queued - planning - waiting));
  return usage;
}

const sumOf = (calls: readonly { n: number; errors: number }[]) =>
  calls.reduce((sum, { n, errors }) => ({ n: sum.n + n, errors: sum.errors + errors }), { n: 0, errors: 0 });

/** The keys of a run with its usage. A run counts for each integration and tool that it called. */
export function keysOf(run: EndedRun): { kind: UsageKind; key: string; usage: Usage }[] {
  const calls = run.calls ?? [];
  const integrations = new Map<string, typeof calls>();
  for (const call of calls) {
    const id = call.tool.slice(0, call.tool.indexOf('.'));
    integrations.set(id, [...(integrations.get(id) ?? []), call]);
  }
  return [
    { kind: 'status', key: run.status, usage: usageOf(run, sumOf(calls)) },
    { kind: 'user', key: run.userId, usage: usageOf(run, sumOf(calls)) },
    ...calls.map((call) => ({ kind: 'tool' as const, key: call.tool, usage: usageOf(run, call) })),
    ...[...integrations].map(([key, ofIntegration]) => ({
      kind: 'integration' as const,
      key,
      usage: usageOf(run, sumOf(ofIntegration)),
    })),
  ];
}
