// A full inbox with hostile content, readers that never read, and many decisions at once.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { PendingEntry } from '@errand/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, type Office, payments, startOffice } from './fixtures/office.ts';
import type { Stack } from './fixtures/stack.ts';
import { type Api, overRest } from './fixtures/transports.ts';

let office: Office<Stack>;
let api: Api;
beforeAll(async () => {
  office = await startOffice();
  api = overRest(office.stack);
});
const stalled: Socket[] = [];
afterAll(async () => {
  for (const socket of stalled) socket.destroy();
  await office.close();
});

const LARGE = 'x'.repeat(256 * 1024 - 200);
const HOSTILE = [
  '\u202Egpj.exe\u2066 \u200B\u{E0041}',
  '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&amp;',
  'a\r\n\r\nevent: gone\ndata: {"type":"gone"}\n\n: ',
  '{"$":"steps.x.output"} {{2}} __proto__ constructor',
  `"); DROP TABLE run; -- \\' \u0001 \uFFFF`,
];
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${office.stack.pid}/status`, 'utf8'))![1]) / 1024;

/** Opens streams without reading them. */
async function stall(path: string, count: number) {
  const { hostname, port } = new URL(office.stack.url);
  for (let n = 0; n < count; n++) {
    const socket = connect(Number(port), hostname);
    stalled.push(socket.pause());
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${office.stack.apiKey}\r\n\r\n`);
  }
}

/** At most this many calls of a step have a decision request each. */
const SEPARATE = 5;

/** Creates a run with this many separate approvals for the same receiver. */
const asks = (to: string, count: number) =>
  api.runs.create(
    payments(office, [], {
      plan: {
        goal: 'Pay all',
        steps: Array.from({ length: Math.ceil(count / SEPARATE) }, (_, n) => ({
          id: `pay${n}`,
          tool: `${office.id}.pay`,
          forEach: { $: `[${n * SEPARATE + 1}..${Math.min(count, (n + 1) * SEPARATE)}]` },
          args: { body: { amount: { $: 'item' }, to } },
        })),
      },
    }),
  );

async function whole(): Promise<PendingEntry[]> {
  const all: PendingEntry[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await api.pending.list({ pageSize: 100, ...(cursor !== undefined && { cursor }) });
    expect(JSON.stringify(page).length).toBeLessThan(4 * 1024 * 1024);
    all.push(...page.pending);
    cursor = page.nextCursor;
    if (cursor === undefined) return all;
  }
}

test('1,000 entries with hostile arguments, 100 decided at once, 40 readers that never read', {
  timeout: 180_000,
}, async () => {
  await stall('/v1/pending/sse', 20);
  await stall('/v1/runs/sse', 20);
  const added = new Set<string>();
  const watching = (async () => {
    for await (const frame of api.pending.watch({})) {
      if (frame.type === 'added') added.add(frame.entry.approvalId!);
      if (added.size === 1000) return;
    }
  })();
  const before = rss();
  const runs = await Promise.all(Array.from({ length: 10 }, (_, n) => asks(HOSTILE[n % HOSTILE.length]!, 100)));
  await watching;
  runs.push(await asks(LARGE, 3));
  const poll = { timeout: 30_000, interval: 200 };
  await expect.poll(async () => (await api.pending.list({ runId: runs[10]!.runId })).pending.length, poll).toBe(3);

  const all = await whole();
  expect(new Set(all.map(({ approvalId }) => approvalId)).size).toBe(1003);
  for (const { args, runId, leftOut } of all) {
    const at = runs.findIndex((run) => run.runId === runId);
    if (at === 10) expect([args, leftOut?.fields.includes('args')]).toEqual([undefined, true]);
    else expect(args).toMatchObject({ body: { to: HOSTILE[at % HOSTILE.length]!.replaceAll('\0', '') } });
  }
  const item = all.find(({ runId }) => runId === runs[10]!.runId)!;
  const { args: large } = await api.approvals.get({ approvalId: item.approvalId! });
  expect(large).toMatchObject({ body: { to: LARGE } });

  const chosen = [item, ...all.filter(({ runId }) => runId !== item.runId).slice(0, 99)];
  const decisions = chosen.map(({ approvalId }, n) => ({
    approvalId: approvalId!,
    decision: 'approve' as const,
    reason: HOSTILE[n % HOSTILE.length]!,
  }));
  const answers = await Promise.all([1, 2].map(() => api.pending.decide({ decisions })));
  for (const { results } of answers) expect(results.map(({ error }) => error)).toEqual(chosen.map(() => undefined));
  await expect.poll(() => office.stub.hits.length, { timeout: 60_000, interval: 200 }).toBe(100);
  const sent = office.stub.hits.map(({ body }) => body).sort();
  const expectedBodies = chosen.map(({ args = large }) => JSON.stringify((args as { body: object }).body));
  expect(sent.map((body) => body.slice(0, 200))).toEqual(expectedBodies.sort().map((body) => body.slice(0, 200)));
  expect(sent).toHaveLength(new Set(chosen.map(({ approvalId }) => approvalId)).size);

  const tooMany = [...decisions, { ...decisions[0]! }];
  await expect(api.pending.decide({ decisions: tooMany })).rejects.toMatchObject({ status: 400 });
  expect(rss() - before).toBeLessThan(250);
  const { runId } = await api.runs.create(payments(office, [1], { approvalStrategy: 'NONE' }));
  expect(await ended(api, runId)).toMatchObject({ status: 'SUCCESS' });
});
