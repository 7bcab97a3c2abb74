import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';

/** One run of a race: its end, and the time from the last answer of a human to it, in ms. */
export type Finish = { runId: string; status: string; error: string | null; ms: number };

/** Executes one run; its number determines when the human answers. @returns the run's id, and the time of the last answer */
export type Race = (cluster: Cluster, history: History, n: number) => Promise<{ runId: string; lastAnswerAt: number }>;

/** A run must end within this many ms of the last answer. */
export const ENDS_IN_MS = 5000;

/** The runs that did not end in SUCCESS, or not in time. */
export const wrongOf = (finishes: readonly Finish[]): Finish[] =>
  finishes.filter(({ status, ms }) => status !== 'SUCCESS' || ms > ENDS_IN_MS);

/** The number of runs by status, and their durations. */
export function figuresOf(finishes: readonly Finish[]): string {
  const kinds = finishes.map(({ status, error }) => (error ? `${status} (${error})` : status));
  const counts = [...new Set(kinds)].map((kind) => `${kinds.filter((candidate) => candidate === kind).length} ${kind}`);
  const sorted = finishes.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(0);
  return `${counts.join(', ')}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms after the last answer`;
}
