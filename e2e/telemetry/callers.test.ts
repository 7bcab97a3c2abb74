// The `traceparent` of a caller is a link of its run at most: it decides neither the trace, nor the parents, nor the sampling.
import { errands } from '@errand/demo';
import { expect, onTestFinished, test } from 'vitest';
import { slowTest } from '../fixtures/combine.ts';
import { type Sink, startSink } from '../fixtures/otlp-sink.ts';
import { type Stack, stackForTest } from '../fixtures/stack.ts';

async function openSink(): Promise<Sink> {
  const sink = await startSink();
  onTestFinished(() => sink.close());
  return sink;
}

async function runWith(stack: Stack, traceparent: string): Promise<string> {
  const response = await fetch(`${stack.url}/v1/runs`, {
    method: 'POST',
    headers: { 'x-api-key': stack.apiKey, 'content-type': 'application/json', prefer: 'wait=30', traceparent },
    body: JSON.stringify(errands.salesSummary),
  });
  const { runId, status } = (await response.json()) as { runId: string; status: string };
  expect([response.status, status]).toEqual([201, 'SUCCESS']);
  return runId;
}

const hexOf = (runId: string) => runId.replaceAll('-', '');

/** The spans of a run, once the collector has its root. */
async function spansOf(sink: Sink, runId: string) {
  await expect
    .poll(() => sink.spansOf(runId).map(({ name }) => name), { timeout: 15_000 })
    .toContain('invoke_agent errand');
  return sink.spansOf(runId);
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test('a caller that names its trace, or that of another run, is linked and is no parent', async () => {
  const sink = await openSink();
  const stack = await stackForTest({ env: sink.env });
  const first = await runWith(stack, `00-${TRACE}-${SPAN}-00`);
  const other = hexOf(first);
  // The root of another run, as its parent and as a later version writes it.
  const second = await runWith(stack, `00-${other}-${other.slice(16)}-01`);
  const third = await runWith(stack, `cc-${other}-${other.slice(16)}-01-later`);
  for (const [runId, traceId, spanId] of [
    [first, TRACE, SPAN],
    [second, other, other.slice(16)],
    [third, other, other.slice(16)],
  ] as const) {
    const spans = await spansOf(sink, runId);
    const ids = new Set(spans.map((span) => span.spanId));
    const roots = spans.filter(({ parentId }) => parentId === undefined);
    expect(roots.map((root) => [root.name, root.spanId])).toEqual([['invoke_agent errand', hexOf(runId).slice(16)]]);
    for (const { parentId } of spans) if (parentId !== undefined) expect(ids).toContain(parentId);
    await expect
      .poll(() => sink.spansOf(runId).flatMap(({ name, links }) => links.map((link) => ({ name, ...link }))))
      .toEqual([{ name: 'create run', traceId, spanId }]);
  }
  // Nothing was added to the trace that callers named, and nothing to that of the first run.
  expect(sink.spans.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
  expect(sink.spansOf(first).filter(({ name }) => name === 'invoke_agent errand')).toHaveLength(1);
});

const INVALID = [
  'nonsense',
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  `cc-${TRACE}-${SPAN}-01-${'x'.repeat(8000)}`,
];

slowTest('an invalid header is ignored', async () => {
  const sink = await openSink();
  const stack = await stackForTest({ env: sink.env });
  const runs: string[] = [];
  for (const traceparent of INVALID) runs.push(await runWith(stack, traceparent));
  // Its span is exported after those of the others.
  const last = await runWith(stack, `00-${TRACE}-${SPAN}-01`);
  await spansOf(sink, last);
  await expect.poll(() => sink.spansOf(last).map(({ name }) => name)).toContain('create run');
  for (const [n, runId] of runs.entries()) {
    const spans = await spansOf(sink, runId);
    expect(
      spans.flatMap(({ links }) => links),
      INVALID[n],
    ).toEqual([]);
    expect(
      spans.map(({ name }) => name),
      INVALID[n],
    ).not.toContain('create run');
  }
});

slowTest('a caller that samples its trace does not cause spans of runs that are not sampled', async () => {
  const sink = await openSink();
  const env = { ...sink.env, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.000000001' };
  const stack = await stackForTest({ env });
  await runWith(stack, `00-${TRACE}-${SPAN}-01`);
  expect(await stack.end()).toBe(0);
  expect(sink.spans).toEqual([]);
});
