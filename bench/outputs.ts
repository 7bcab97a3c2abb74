import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { HttpClient } from './http.ts';
import type { Hold } from './loop-service.ts';
import { rssBytes } from './process-figures.ts';
import type { Server, Stack } from './stack.ts';

export const outputs: Scenario = {
  name: 'outputs',
  goal: { rssMib: '< 1024 with --max-old-space-size=512', otherKeyP99Ms: '< 100', ends: 'budget_exhausted' },
};

export const outputsTogether: Scenario = {
  ...outputs,
  name: 'outputs-together',
  goal: { ...outputs.goal, ends: 'SUCCESS' },
};

const BYTES = 255 * 1024;
const ANSWERS = 2000;
const TOGETHER = 50;
const MIB = 2 ** 20;
const SMALL = '[{},{}]';

/** Answers of the allowed size: many small objects, and text. */
const answers: Record<string, Buffer> = {
  objects: Buffer.from(`[${'{},'.repeat(BYTES / 3 - 1)}{}]`),
  text: Buffer.from(JSON.stringify('x'.repeat(BYTES - 2))),
};

type End = { status: string; error?: { code: string; message: string } };

/**
 * Runs whose tools answer more than the limit of stored outputs: their ends, the latency of other requests, and the memory of the process.
 */
export const measureOutputs = (stack: Stack): Promise<Figures> =>
  withService(stack, async ({ serve, large, watched }) => {
    let server = await serve();
    const http = () => stack.client(server.url, 2);
    const figures: Figures = {};
    for (const kind of Object.keys(answers)) {
      figures[kind] = await watched(
        () => server,
        async () => [await ended(http(), await create(http(), twoThousand(large, kind)))],
      );
    }
    figures.killed = await watched(
      () => server,
      async (calls) => {
        const runId = await create(http(), twoThousand(large, 'objects'));
        const from = calls();
        while (calls() < from + 60) await sleep(5);
        process.kill(server.pid, 'SIGKILL');
        await server.stop();
        server = await serve();
        return [await ended(http(), runId)];
      },
    );
    return figures;
  });

/** Many concurrent runs, each near its limit of stored outputs: together a multiple of the limit for the process. */
export const measureOutputsTogether = (stack: Stack): Promise<Figures> =>
  withService(stack, async ({ serve, large, watched }) => {
    const server = await serve();
    const http = stack.client(server.url, 8);
    return watched(
      () => server,
      () =>
        Promise.all(
          Array.from({ length: TOGETHER }, async (_, n) =>
            ended(http, await create(http, nearTheBound(large, n % 2 === 0 ? 'objects' : 'text'))),
          ),
        ),
    );
  });

type Prepared = {
  serve: () => Promise<Server>;
  /** The service's customerIntegrationId. */
  large: string;
  watched: (now: () => Server, work: (calls: () => number) => Promise<End[]>) => Promise<Figures>;
};

async function withService(stack: Stack, work: (prepared: Prepared) => Promise<Figures>): Promise<Figures> {
  await (await stack.main()).stop();
  const third = await startService();
  try {
    const env = { NODE_OPTIONS: '--max-old-space-size=512', ERRAND_EGRESS_ALLOW: third.url };
    const serve = () => stack.serve(env, [], new URL('./loop-service.js', import.meta.url));
    const first = await serve();
    const body = { name: 'Large', kind: 'openapi', document: third.document, auth: { type: 'NONE' } };
    const integration = await stack.client(first.url, 1).send('POST', '/v1/integrations', body);
    const large = (JSON.parse(integration) as { customerIntegrationId: string }).customerIntegrationId;
    await first.stop();
    const { workspaceId } = await stack.db.workspaces.create('the other one');
    const otherKey = await stack.newKey(workspaceId);
    return await work({
      serve,
      large,
      watched: (now, runs) => watch(stack, { now, key: otherKey, third }, () => runs(third.calls)),
    });
  } finally {
    await third.close();
  }
}

/** Two lists of 1,000 calls. */
const twoThousand = (integration: string, kind: string) => ({
  ...aRun(integration),
  budget: { maxToolCalls: 5000 },
  plan: {
    goal: 'Read all',
    steps: ['a', 'b'].map((id) => ({
      id,
      tool: `${integration}.${kind}`,
      forEach: { $: `[1..${ANSWERS / 2}]` },
      args: { path: { n: { $: 'item' } } },
    })),
  },
});

/** 120 calls: 30 of 32 MiB. With texts, each step reads the whole output of the previous one: 7.5 MiB. */
const nearTheBound = (integration: string, kind: string) => ({
  ...aRun(integration),
  plan: {
    goal: 'Read nearly all',
    steps: Array.from({ length: 4 }, (_, step) => ({
      id: `s${step}`,
      tool: `${integration}.${kind}`,
      forEach: { $: step > 0 && kind === 'text' ? `[1..$count(steps.s${step - 1}.output)]` : '[1..30]' },
      args: { path: { n: { $: 'item' } } },
      ...(step > 0 && { dependsOn: [`s${step - 1}`] }),
    })),
    result: { done: 'yes' },
  },
});

const aRun = (integration: string) => ({
  intent: 'Read what is there',
  userId: 'user-1',
  selectedCustomerIntegrationIds: [integration],
});

async function create(http: HttpClient, body: object): Promise<string> {
  return (JSON.parse(await patiently(() => http.send('POST', '/v1/runs', body))) as { runId: string }).runId;
}

/** A busy service answers the workspace that causes the load with 503: the request is repeated. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error as Error).message.includes(': 503 ')) throw error;
      await sleep(100);
    }
  }
}

async function ended(http: HttpClient, runId: string): Promise<End> {
  const terminal = /"status":"(SUCCESS|PARTIAL_SUCCESS|NO_SUCCESS|FAILED|CANCELED)"/;
  for (;;) {
    const text = await patiently(() => http.send('GET', `/v1/runs/${runId}?includeEvents=false`));
    if (terminal.test(text)) return JSON.parse(text) as End;
    await sleep(100);
  }
}

type Service = Awaited<ReturnType<typeof startService>>;

/** How runs ended, and meanwhile: the memory of the process, the longest block of its loop, and the latency of another key's request. */
async function watch(
  stack: Stack,
  { now, key, third }: { now: () => Server; key: string; third: Service },
  work: () => Promise<End[]>,
): Promise<Figures> {
  let [watching, rss, called] = [true, 0, third.calls()];
  const tookMs: number[] = [];
  let refused = 0;
  await now().ask<Hold>('longest hold');
  const others = async () => {
    for (; watching; await sleep(10)) {
      const { url } = now();
      const from = performance.now();
      const answered = await stack
        .client(url, 1, key)
        .send('GET', '/v1/runs?pageSize=20')
        .then(
          () => true,
          () => false,
        );
      if (answered) tookMs.push(performance.now() - from);
      else refused++;
    }
  };
  const memory = async () => {
    for (; watching; await sleep(20))
      rss = Math.max(
        rss,
        safely(() => rssBytes(now().pid)),
      );
  };
  const watches = [others(), memory()];
  const from = performance.now();
  const ends = await work().finally(() => {
    watching = false;
  });
  const seconds = (performance.now() - from) / 1000;
  await Promise.all(watches);
  const { holdMs, ownHoldMs } = await now().ask<Hold>('longest hold');
  called = third.calls() - called;
  const outcomes = ends.map(({ status, error }) => `${status}${error ? ` ${error.code}: ${error.message}` : ''}`);
  return {
    ends: Object.fromEntries(
      [...new Set(outcomes)].map((outcome) => [outcome, outcomes.filter((candidate) => candidate === outcome).length]),
    ),
    answers: called,
    seconds: round(seconds),
    rssMib: round(rss / MIB),
    otherKeyRefused: refused,
    otherKeyP50Ms: round(quantile(tookMs, 0.5)),
    otherKeyP99Ms: round(quantile(tookMs, 0.99)),
    longestHoldMs: round(holdMs),
    ownHoldMs: round(ownHoldMs),
  };
}

function safely(read: () => number): number {
  try {
    // A process that was just killed has no memory figure.
    return read() || 0;
  } catch {
    return 0;
  }
}

async function startService() {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    const kind = (request.url ?? '').split('/')[1] ?? '';
    response.writeHead(200, { 'content-type': 'application/json' }).end(answers[kind] ?? SMALL);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const parameters = [{ name: 'n', in: 'path', required: true, schema: { type: 'integer' } }];
  const responses = { 200: { description: 'Done', content: { 'application/json': { schema: {} } } } };
  const operation = (kind: string) => [
    `/${kind}/{n}`,
    { get: { operationId: kind, summary: `Read ${kind}`, parameters, responses } },
  ];
  return {
    url,
    calls: () => calls,
    document: JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Large', version: '1' },
      servers: [{ url }],
      paths: Object.fromEntries(Object.keys(answers).map(operation)),
    }),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
