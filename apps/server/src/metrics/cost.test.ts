import { currentThreadId, processorMsOf } from '@errand/basics/processor-time';
import type { ToolSpec } from '@errand/contracts';
import { expect, test } from 'vitest';
import { EventCounts } from './business-events.ts';
import { createRegistry } from './registry.ts';

const RUNS = 4000;
/** Maximum processor time of the counts of one run, in µs. */
const MAX_US = 100;

const run = { workspaceId: 'w', runId: 'r' };
const tool = { integrationName: 'CRM' } as ToolSpec;

const created = { ...run, by: 'request' } as const;
const waited = { ...run, kind: 'tool_approval', decision: 'approve', expired: false, waitedMs: 900 } as const;
const first = { ...run, runAgeMs: 1200 };
const call = { ...run, tool, attempt: 1, ms: 40 };
const retried = { ...call, why: 'retry', code: 'upstream_error' } as const;
const asked = { model: 'm', ms: 900, succeeded: true, usage: { inputTokens: 900, outputTokens: 80 } };
const ended = { ...run, status: 'SUCCESS' } as const;

/** The events of a run with five calls, one of them tried again, and an approval. */
function carryOut(events: EventCounts): void {
  events.runCreated(created);
  events.runClaimed();
  events.waitBegun(waited);
  events.waitEnded(waited);
  events.runClaimed();
  events.firstCall(first);
  for (let attempt = 0; attempt < 6; attempt++) events.callEnded(call);
  events.callRetried(retried);
  events.modelEnded(asked);
  events.runEnded(ended);
}

/** Processor time of a run in µs; 0 where the system reports none. */
function costOf(events: EventCounts): number {
  const thread = currentThreadId();
  const usedMs = () => processorMsOf(thread) ?? 0;
  for (let n = 0; n < RUNS / 4; n++) carryOut(events);
  const before = usedMs();
  for (let n = 0; n < RUNS; n++) carryOut(events);
  return ((usedMs() - before) * 1000) / RUNS;
}

test('the counts of a run cost at most 0.1 ms of processor time, and next to nothing while they are off', () => {
  const events = new EventCounts((text) => text);
  const off = costOf(events);
  events.countIn(createRegistry().meters);
  const on = costOf(events);
  console.log(JSON.stringify({ microsecondsOfARun: { off, on } }));
  expect(on).toBeLessThan(MAX_US);
  expect(off).toBeLessThan(MAX_US / 10);
});
