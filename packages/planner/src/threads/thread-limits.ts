import type { Job } from './job.ts';
import { limitText, type TimeUsed } from './turn-timer.ts';

export type ThreadLimits = {
  /** A thread must be ready after this many ms. A later one never will be: for example, its program was replaced while this process ran. */
  startMs: number;
  /** Processor time for one plan or search, in ms, and the same with more than `manyTools` tools. Excludes waiting and indexing. */
  planMs: number;
  largePlanMs: number;
  largePlanTools: number;
  /** Time by the clock for reading and indexing the tools of a plan or search, in ms: the first use of a set of tools in a thread. */
  timeoutMs: number;
  maxOldGenerationSizeMb: number;
  /** Maximum JSON bytes of a plan's tools, and of all tools that a thread caches. */
  maxToolBytes: number;
};

/** Processor time of a job's own work, in ms. */
export const budgetOf = (
  { toolCount }: Job,
  { planMs, largePlanMs, largePlanTools: manyTools }: ThreadLimits,
): number => (toolCount > manyTools ? largePlanMs : planMs);

/** The limit that a job exceeded, as the predicate of a sentence. @param isProcessorTime whether the system reports processor time */
export const exceededWork = (job: Job, limits: ThreadLimits, time: TimeUsed, isProcessorTime: boolean): string =>
  `took more than ${limitText(budgetOf(job, limits), time, isProcessorTime)} over ${toolsIn(job)} and was stopped`;

export const exceededIndexing = (job: Job, { timeoutMs }: ThreadLimits): string =>
  `took longer than ${timeoutMs / 1000} s to read ${toolsIn(job)} and was stopped`;

const toolsIn = ({ toolCount }: Job) => `${toolCount} ${toolCount === 1 ? 'tool' : 'tools'}`;
