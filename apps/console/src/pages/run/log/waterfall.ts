// The rows and bars of the waterfall.

import { iterationOf, type RunLog, type StepRecord, type ToolCall, timeOf } from './log.ts';
import { type Plan, planningOf, type Run } from './phases.ts';

export type BarKind = 'queued' | 'planning' | 'read' | 'write' | 'retry' | 'waiting';
/** `to` is absent while it goes on. */
export type Bar = { kind: BarKind; from: number; to?: number; isFailed?: true };
export type Row = {
  key: string;
  label: string;
  bars: readonly Bar[];
  stepId?: string;
  callId?: string;
  isFailed: boolean;
  /** The number of calls that the row can show below it. */
  calls?: number;
};

/** A row of many calls is drawn with at most so many bars. */
const MAX_BARS = 200;
/** A step with more calls is folded at first. */
const MAX_OPEN_CALLS = 20;

export type RowOptions = {
  /** Steps whose calls are shown, or folded, against the rule. */
  toggled: ReadonlySet<string>;
  onlyFailed: boolean;
  /** Whether all calls are shown, whatever the rule. */
  isExpanded?: boolean;
};

export function rowsOf(run: Run, log: RunLog, plan: Plan | undefined, options: RowOptions): Row[] {
  const rows = [preparationRow(run, log, plan), ...consentRows(log)];
  for (const { stepId, title } of stepsOf(log, plan)) {
    const record = log.steps.get(stepId);
    const bars = stepBars(log, stepId, record, isWrite(plan, stepId));
    const calls = record ? record.calls.size : 0;
    const isFailed = record?.step.state === 'failed' || record?.step.state === 'denied';
    const row = { key: stepId, label: title, bars, stepId, isFailed, ...(calls > 1 ? { calls } : {}) };
    rows.push(row);
    if (record && isOpen(row, options)) rows.push(...callRows(record));
  }
  return options.onlyFailed ? rows.filter(({ isFailed }) => isFailed) : rows;
}

export const isOpen = ({ key, calls = 0 }: Pick<Row, 'key' | 'calls'>, options: RowOptions): boolean =>
  calls > 1 && (options.isExpanded === true || calls <= MAX_OPEN_CALLS) !== options.toggled.has(key);

/** The steps of the plan, and those of earlier plans that were taken. */
function stepsOf(log: RunLog, plan: Plan | undefined): { stepId: string; title: string }[] {
  const titles = new Map<string, string>();
  for (const [stepId, { step }] of log.steps) titles.set(stepId, step.title ?? stepId);
  for (const { stepId, title } of plan?.steps ?? []) titles.set(stepId, title);
  const counts = new Map<string, number>();
  for (const title of titles.values()) counts.set(title, (counts.get(title) ?? 0) + 1);
  return [...titles].map(([stepId, title]) => {
    // Steps of the same tool are told apart by their reason.
    const reason = counts.get(title)! > 1 ? reasonOf(stepId, log, plan) : undefined;
    return { stepId, title: reason ? `${reason} · ${title}` : title };
  });
}

const reasonOf = (stepId: string, log: RunLog, plan: Plan | undefined): string | undefined =>
  plan?.plan.steps.find(({ id }) => id === stepId)?.reason ?? log.steps.get(stepId)?.step.reason;

const isWrite = (plan: Plan | undefined, stepId: string): boolean =>
  plan?.steps.find((step) => step.stepId === stepId)?.effect === 'write';

function preparationRow(run: Run, log: RunLog, plan: Plan | undefined): Row {
  const from = timeOf(run.createdAt);
  const until = run.startedAt ?? run.endedAt;
  const bars: Bar[] = [{ kind: 'queued', from, ...(until === undefined ? {} : { to: timeOf(until) }) }];
  const planning = planningOf(run, plan, Number.NaN);
  if (planning) bars.push({ kind: 'planning', from: planning.from, ...(plan ? { to: planning.to } : {}) });
  for (const { kind, stepId, from, to } of log.waits.values())
    if (stepId === undefined && kind !== 'consent') bars.push(waitBar(from, to));
  return { key: ' plan', label: 'Queue and plan', bars, isFailed: false };
}

const waitBar = (from: number, to: number | undefined): Bar => ({
  kind: 'waiting',
  from,
  ...(to === undefined ? {} : { to }),
});

function consentRows(log: RunLog): Row[] {
  const bars = new Map<string, Bar[]>();
  for (const { kind, integration = '', from, to } of log.waits.values())
    if (kind === 'consent') bars.set(integration, [...(bars.get(integration) ?? []), waitBar(from, to)]);
  return [...bars].map(([name, bars]) => ({
    key: ` consent ${name}`,
    label: `Consent for ${name}`,
    bars,
    isFailed: false,
  }));
}

function stepBars(log: RunLog, stepId: string, record: StepRecord | undefined, isWrite: boolean): Bar[] {
  const waits = [...log.waits.values()]
    .filter((wait) => wait.stepId === stepId)
    .map(({ from, to }) => waitBar(from, to));
  const running = [...log.running.values()]
    .filter((call) => call.stepId === stepId)
    .map(({ since, isRetry }): Bar => ({ kind: isRetry ? 'retry' : isWrite ? 'write' : 'read', from: since }));
  const ended = record ? pack([...record.calls.values()].flatMap(callBars)) : [];
  return [...waits, ...ended, ...running];
}

function callRows({ calls }: StepRecord): Row[] {
  return [...calls.values()].map((call) => ({
    key: `call ${call.toolCallId}`,
    label: callName(call),
    bars: callBars(call),
    callId: call.toolCallId,
    isFailed: call.state === 'failed' || call.state === 'denied' || call.state === 'uncertain',
  }));
}

/** What tells the calls of a step apart: its number, and the values of its arguments. */
export function callName({ toolCallId, toolParameters }: ToolCall): string {
  const iteration = iterationOf(toolCallId);
  const values = valuesIn(toolParameters).slice(0, 2).join(', ');
  return [iteration === undefined ? undefined : `${iteration + 1}.`, values].filter(Boolean).join(' ');
}

function valuesIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value).slice(0, 60)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesIn) : [];
}

/** The attempts of a call: those before the last are retries. */
export function callBars(call: ToolCall): Bar[] {
  const { startedAt, endedAt, attemptTimes = [], effect, state } = call;
  if (startedAt === undefined || call.takenFrom !== undefined) return [];
  const kind = effect === 'write' ? 'write' : 'read';
  const isFailed = state === 'failed' || state === 'uncertain' ? ({ isFailed: true } as const) : {};
  if (attemptTimes.length === 0)
    return [{ kind, from: timeOf(startedAt), ...(endedAt === undefined ? {} : { to: timeOf(endedAt) }), ...isFailed }];
  return attemptTimes.map((attempt, index) => {
    const times = { from: timeOf(attempt.startedAt), to: timeOf(attempt.endedAt) };
    return index < attemptTimes.length - 1 ? { kind: 'retry', ...times } : { kind, ...times, ...isFailed };
  });
}

/** Joins bars of the same look that lie closer than a person can see. */
export function pack(bars: readonly Bar[]): Bar[] {
  const sorted = bars.toSorted((a, b) => a.from - b.from);
  if (sorted.length <= MAX_BARS) return sorted;
  const from = sorted[0]!.from;
  const to = sorted.reduce((latest, bar) => Math.max(latest, bar.to ?? bar.from), from);
  const near = (to - from) / MAX_BARS;
  const packed = new Map<string, Bar>();
  for (const bar of sorted) {
    // Bars in the same slot of time with the same look are one.
    const slot = near > 0 ? Math.floor((bar.from - from) / near) : 0;
    const key = `${slot} ${bar.kind} ${bar.isFailed ?? ''}`;
    const earlier = packed.get(key);
    if (!earlier) packed.set(key, bar);
    else if (earlier.to !== undefined)
      packed.set(
        key,
        bar.to === undefined ? { ...bar, from: earlier.from } : { ...earlier, to: Math.max(earlier.to, bar.to) },
      );
  }
  return [...packed.values()];
}

/** Four to eight round distances from the begin of a span, in ms. */
export function ticksOf(span: number): number[] {
  if (!(span > 0)) return [0];
  const rough = span / 5;
  const step = STEPS.find((each) => each >= rough) ?? Math.ceil(rough / STEPS.at(-1)!) * STEPS.at(-1)!;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * MINUTE),
  ...[1, 2, 4, 8, 12, 24].map((count) => count * HOUR),
];
