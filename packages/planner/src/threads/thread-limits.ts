import type { Job } from './job.ts';
import { limitText, type TimeUsed } from './turn-timer.ts';

export type ThreadLimits = {
  /** A thread must be ready after this many ms. One that is not will not be: its program was replaced while this process ran, for example. */
  startMs: number;
  /** Processor time for one plan or search, in ms, and the same with more than `manyTools` tools. Waiting does not count, nor does indexing. */
  planMs: number;
  largePlanMs: number;
  manyTools: number;
  /** Time by the clock for reading and indexing the tools of a plan or search, in ms: the first use of a set of tools in a thread. */
  timeoutMs: number;
  maxOldGenerationSizeMb: number;
  /** JSON of the tools that a plan may choose from, and that a thread keeps, in bytes. */
  keepBytes: number;
};

/** Processor time that a job may use for its own work, in ms. */
export const budgetOf = ({ toolCount }: Job, { planMs, largePlanMs, manyTools }: ThreadLimits): number =>
  toolCount > manyTools ? largePlanMs : planMs;

/** What a job exceeded, as the predicate of a sentence. @param isProcessorTime whether the system reports processor time */
export const exceededWork = (job: Job, limits: ThreadLimits, time: TimeUsed, isProcessorTime: boolean): string =>
  `took more than ${limitText(budgetOf(job, limits), time, isProcessorTime)} over ${toolsIn(job)} and was stopped`;

export const exceededIndexing = (job: Job, { timeoutMs }: ThreadLimits): string =>
  `took longer than ${timeoutMs / 1000} s to read ${toolsIn(job)} and was stopped`;

const toolsIn = ({ toolCount }: Job) => `${toolCount} ${toolCount === 1 ? 'tool' : 'tools'}`;
