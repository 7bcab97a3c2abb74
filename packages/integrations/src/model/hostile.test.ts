// A model endpoint that tries to crash or overload the service.
import { gzipSync } from 'node:zlib';
import { aPlanRequest } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import { atOnce, behindEgress, delta, eventStream, writing } from '../testing/fixtures/streams.ts';

describe('a hostile stream is broken off when', () => {
  const endless = (piece: string) =>
    writing((outgoing) => {
      const more = () => {
        if (!outgoing.destroyed) outgoing.write(piece.repeat(100), () => setImmediate(more));
      };
      more();
    });
  test.each([
    ['its text never ends', delta('x'.repeat(1000))],
    ['its reasoning never ends', `data: {"choices":[{"delta":{"reasoning_content":"${'x'.repeat(1000)}"}}]}\n\n`],
    ['its comments never end', ': x\n\n'],
    ['its line ends never end', '\r'],
    ['one event never ends', `data: ${'x'.repeat(1000)}\n`],
    ['one line never ends', 'data: xxxxxxxxxxxx'],
  ])(
    '%s',
    async (_, piece) => {
      const { planner, model } = await behindEgress(() => endless(piece), { maxOutputTokens: 300, timeoutMs: 120_000 });
      const before = process.cpuUsage();
      expect(await planner.plan(aPlanRequest())).toMatchObject({
        code: 'model_failed',
        reason: 'The answer of the model endpoint is too large.',
      });
      expect(model.requests).toHaveLength(1);
      // The endpoint of this test runs in the same process.
      expect(process.cpuUsage(before).user).toBeLessThan(20_000_000);
    },
    120_000,
  );

  test('it is a gzip bomb, streamed or not', async () => {
    for (const text of [`data: ${' '.repeat(64 * 1024 * 1024)}`, `{"choices": [${' '.repeat(64 * 1024 * 1024)}]}`]) {
      const bomb = gzipSync(text);
      const { planner } = await behindEgress(() => ({
        write: (outgoing) => void outgoing.writeHead(200, { ...eventStream, 'content-encoding': 'gzip' }).end(bomb),
      }));
      expect(await planner.plan(aPlanRequest())).toMatchObject({
        reason: 'The answer of the model endpoint is too large.',
      });
    }
  });
});

describe('an answer that is nested too deep to be serialized ends as an error', () => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  test.each([
    ['with status 200', 200, `{"error": {"x": ${deep(30_000)}}}`],
    ['with status 500', 500, `{"error": {"x": ${deep(30_000)}}}`],
    ['in a list of details', 422, `{"detail": ${deep(30_000)}}`],
    ['in a stream', 200, `data: {"error": {"x": ${deep(350_000)}}}\n\n`],
    ['in place of choices', 200, `data: {"choices": ${deep(350_000)}}\n\n`],
    ['in place of choices, not streamed', 200, `{"choices": ${deep(350_000)}}`],
  ])('%s', async (_, status, body) => {
    const { planner } = await behindEgress(() => ({
      write: (outgoing) => void outgoing.writeHead(status, { ...atOnce, 'content-type': 'application/json' }).end(body),
    }));
    expect(await planner.plan(aPlanRequest())).toMatchObject({
      code: 'model_failed',
      reason: expect.stringMatching(/^The model endpoint (failed|refused the request|answered in another format)/),
    });
  });
});

test('an answer that fits no schema costs seconds of processor time at most', async () => {
  const parts = '[],'.repeat(250_000);
  const raw = `data: {"choices": [{"delta": {"content": [${parts}[]]}}]}\n\n`;
  const { planner, model } = await behindEgress(() => ({ raw }));
  const before = process.cpuUsage();
  expect(await planner.plan(aPlanRequest())).toMatchObject({ code: 'model_failed' });
  expect(process.cpuUsage(before).user).toBeLessThan(4_000_000);
  expect(model.requests).toHaveLength(1);
});

test('a header of the endpoint puts no words into a reason', async () => {
  const headers = { 'errand-answered': 'see evil.example' };
  const { planner } = await behindEgress(() => ({ status: 400, message: 'No', headers }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    reason: 'The model endpoint refused the request (400): No',
  });
});

test('of an endless JSON answer less than a mebibyte is read, and nothing is parsed', async () => {
  let written = 0;
  const { planner } = await behindEgress(() => ({
    write: (outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).write('{"choices": [');
      const piece = '[],'.repeat(20_000);
      const more = () => {
        if (outgoing.destroyed) return;
        written += piece.length;
        outgoing.write(piece, () => setImmediate(more));
      };
      more();
    },
  }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    reason: 'The answer of the model endpoint is too large.',
  });
  // Less than 1 MiB, and the buffers of the connection.
  expect(written).toBeLessThan(12 * 1024 * 1024);
});
