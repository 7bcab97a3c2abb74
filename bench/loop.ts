import { type LargeDocument, largeDocuments, servedBy } from './documents.ts';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { HttpClient } from './http.ts';
import type { Hold } from './loop-service.ts';
import { rssBytes } from './process-figures.ts';
import { someService } from './some-service.ts';
import type { Stack } from './stack.ts';

export const loop: Scenario = {
  name: 'loop',
  goal: { longestHoldMs: '<= 50' },
};

const INTENTS = [
  'List all users',
  'Get the invoice 42',
  'Create a ticket with the title Broken window',
  'Which pull requests are open?',
  'Delete the pod web-1',
];
const RUNS = 40;
const AT_ONCE = 4;
const MIB = 2 ** 20;

/**
 * The longest block of the service's event loop while it imports and plans over documents, several runs at once. A small document comes
 * first, because a young process is slow.
 */
export async function measureLoop(stack: Stack, folder?: string): Promise<Figures> {
  const documents = await largeDocuments(folder);
  await (await stack.main()).stop();
  const server = await stack.serve({}, [], new URL('./loop-service.js', import.meta.url));
  const http = stack.client(server.url, AT_ONCE + 1);
  const hold = () => server.ask<Hold>('longest hold');
  const measureDocument = (document: LargeDocument) => measureOne(http, servedBy(stack.thirdPartyUrl, document), hold);
  const first = await measureDocument({ name: 'first', text: JSON.stringify(someService(25)) });
  const measured: Figures[] = [];
  for (const document of documents) {
    const figures = await measureDocument(document);
    measured.push({ name: document.name, ...figures, rssMib: round(rssBytes(server.pid) / MIB) });
  }
  await server.stop();
  const worst = (of: (one: Figures) => unknown) => Math.max(...measured.map((figures) => Number(of(figures))));
  return {
    longestHoldMs: Math.max(
      worst((figures) => figures.importHoldMs),
      worst((figures) => figures.planHoldMs),
    ),
    ownHoldMs: Math.max(
      worst((figures) => figures.importOwnHoldMs),
      worst((figures) => figures.planOwnHoldMs),
    ),
    ofTheFirstImportMs: first.importOwnHoldMs,
    documents: measured,
  };
}

async function measureOne(http: HttpClient, document: string, hold: () => Promise<Hold>) {
  await hold();
  const from = performance.now();
  const integration = await http.send('POST', '/v1/integrations', { name: 'Large', document, enable: 'all' });
  const importMs = round(performance.now() - from);
  const ofImport = await hold();
  const { customerIntegrationId, toolCount } = JSON.parse(integration) as {
    customerIntegrationId: string;
    toolCount: number;
  };
  const firstRunMs = round(await timedRun(http, customerIntegrationId, 0));
  const tookMs: number[] = [];
  let next = 1;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next <= RUNS) tookMs.push(await timedRun(http, customerIntegrationId, next++));
    }),
  );
  const ofPlans = await hold();
  const [runP50Ms, runP99Ms] = [round(quantile(tookMs, 0.5)), round(quantile(tookMs, 0.99))];
  return {
    operations: toolCount,
    importMs,
    importHoldMs: round(ofImport.holdMs),
    importOwnHoldMs: round(ofImport.ownHoldMs),
    firstRunMs,
    runP50Ms,
    runP99Ms,
    planHoldMs: round(ofPlans.holdMs),
    planOwnHoldMs: round(ofPlans.ownHoldMs),
  };
}

/** From the request to its end, in ms, whether or not a plan was found. */
async function timedRun(http: HttpClient, integration: string, n: number): Promise<number> {
  const from = performance.now();
  const body = {
    intent: INTENTS[n % INTENTS.length],
    userId: 'user-1',
    selectedCustomerIntegrationIds: [integration],
    approvalStrategy: 'NONE',
  };
  const { runId } = JSON.parse(await http.send('POST', '/v1/runs', body)) as { runId: string };
  await http.follow(`/v1/runs/${runId}/sse`, (text) => (text.includes('"type":"end"') ? true : undefined));
  return performance.now() - from;
}
