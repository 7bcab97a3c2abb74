// What the data of runs need, and for how long they may be kept on this disk.
import type { SystemStatus } from '@errand/contracts';
import type { Growth } from '@errand/db';
import { type Finding, failed, ok, warning } from './finding.ts';

/** `freeBytes`: the free space of the disk of the database, if it is a disk of this machine. */
export type MeasuredGrowth = Growth & { freeBytes?: number | undefined };

const GIB = 2 ** 30;
/** Days for which a product may keep events and runs, the longest first. */
const PROPOSALS = [
  { eventDays: 30, runDays: 365 },
  { eventDays: 30, runDays: 180 },
  { eventDays: 30, runDays: 90 },
  { eventDays: 14, runDays: 30 },
  { eventDays: 7, runDays: 14 },
  { eventDays: 3, runDays: 7 },
  { eventDays: 1, runDays: 1 },
] as const;
/** The share of the disk that the data may take: a VACUUM, a backup and a bad day need the rest. */
const MAX_SHARE = 0.6;

/** Judges the retention, and proposes one by the growth of the data. */
export function retentionFinding(
  { eventDays, outputDays, runDays }: SystemStatus['retention'],
  growth?: MeasuredGrowth,
): Finding {
  const grows = growth ? ` ${growthText(growth)}` : '';
  if (runDays !== undefined) {
    const kept = `Runs are kept for ${days(runDays)}.`;
    const needed = growth ? bytesOf(growth, { eventDays: Math.min(eventDays ?? runDays, runDays), runDays }) : 0;
    if (growth?.freeBytes === undefined || needed <= roomOf(growth)) return ok('retention', kept + grows);
    return warning('retention', `${kept}${grows} They will take ${size(needed)}.`, proposal(growth));
  }
  const remedy = growth ? proposal(growth) : 'Set ERRAND_RUN_DAYS; 36500 keeps them for a hundred years.';
  if (eventDays === undefined && outputDays === undefined)
    return failed('retention', `Runs, their events and their outputs are kept without limit.${grows}`, remedy);
  const limited = [
    ...(eventDays === undefined ? [] : [`events for ${days(eventDays)}`]),
    ...(outputDays === undefined ? [] : [`outputs for ${days(outputDays)}`]),
  ];
  return warning('retention', `Runs are kept without limit, ${limited.join(' and ')}.${grows}`, remedy);
}

const days = (count: number) => (count === 1 ? '1 day' : `${count} days`);
const size = (bytes: number) => (bytes < GIB ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`);

type Days = { eventDays: number; runDays: number };

/** What runs take once as many are removed as created. */
const bytesOf = ({ runsPerDay, bytesPerRun, eventBytesPerRun }: Growth, { eventDays, runDays }: Days): number =>
  runsPerDay * (eventDays * eventBytesPerRun + runDays * (bytesPerRun - eventBytesPerRun));

const roomOf = ({ freeBytes = Number.POSITIVE_INFINITY, databaseBytes }: MeasuredGrowth): number =>
  MAX_SHARE * (freeBytes + databaseBytes);

function growthText({ runsPerDay, bytesPerRun, freeBytes }: MeasuredGrowth): string {
  const perDay = runsPerDay * bytesPerRun;
  const grows = `They grow by ${size(perDay)} a day, by ${Math.round(runsPerDay)} runs of ${(bytesPerRun / 1000).toFixed(1)} KB`;
  if (freeBytes === undefined) return `${grows}.`;
  return `${grows}; without removal the disk is full in ${days(Math.floor(freeBytes / perDay))}.`;
}

function proposal(growth: MeasuredGrowth): string {
  const fitting = PROPOSALS.find((proposed) => bytesOf(growth, proposed) <= roomOf(growth));
  if (!fitting) return 'Move the database to a larger disk: it is too small for the runs of a day.';
  const { eventDays, runDays } = fitting;
  const outputs = eventDays < runDays ? `, ERRAND_OUTPUT_DAYS=${eventDays}` : '';
  return `Set ERRAND_EVENT_DAYS=${eventDays}${outputs} and ERRAND_RUN_DAYS=${runDays}, which need about ${size(bytesOf(growth, fitting))}.`;
}
