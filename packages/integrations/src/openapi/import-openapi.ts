import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { timeLimit } from '@errand/basics/time-limit';
import { problem } from '@errand/contracts';
import type { Egress } from '../egress/egress.ts';
import { EgressError, urlNotAllowed } from '../egress/error.ts';
import type { ConvertInput, ImportedOpenApi } from './convert.ts';
import type { DocumentFault } from './document/document.ts';
import { limits } from './document/limits.ts';
import type { ImportSlot } from './import-queue.ts';

export type ImportOpenApiInput = Omit<ConvertInput, 'text' | 'documentUrl'> & {
  /** JSON or YAML text, or parsed JSON; by default the document is loaded from `url`. */
  document?: string | object;
  /** URL of the document. With `document` it is only the base of relative servers. */
  url?: string;
  egress: Egress;
  /** Slot in the queue of all imports; without it the document is read at once. */
  slot?: ImportSlot;
  signal?: AbortSignal;
};

/**
 * Reads an OpenAPI 3.0 or 3.1 document: at most 5 MiB and 2 000 operations, without external references. Faults of parts become warnings
 * (`/pointer: text`).
 * @throws ProblemError openapi_invalid, openapi_too_large, url_not_allowed; `errors` name the faulty parts
 */
export async function importOpenApi(input: ImportOpenApiInput): Promise<ImportedOpenApi & { text: string }> {
  const { egress, url, signal } = input;
  // The caller may just have parsed megabytes, so other work runs first.
  await nextTurn();
  const text = input.document === undefined ? await download(input) : textOf(input.document);
  if (Buffer.byteLength(text) > limits.documentBytes) throw tooLarge();
  if (url !== undefined && !URL.canParse(url))
    throw problem('url_not_allowed', undefined, { errors: [{ pointer: '/url', message: 'It is not a URL.' }] });
  const { customerIntegrationId, name, requestSettings } = input;
  const baseUrl = input.baseUrl === undefined ? undefined : standInFor(input.baseUrl);
  const data = { text, customerIntegrationId, documentUrl: url, baseUrl, name, requestSettings };
  const convert = async () => {
    const imported = await convertInThread(data, signal);
    input.slot?.hold(imported.tools.reduce((sum, text) => sum + text.length, 0));
    return imported;
  };
  const imported = await (input.slot ? input.slot.inTurn(convert) : convert());
  for (const server of imported.servers) {
    // Each call checks the URL with the values of its user.
    if (server === imported.baseUrl && baseUrl !== input.baseUrl) continue;
    await egress.checkUrl(server).catch((cause) => {
      throw urlNotAllowed(cause, '/servers');
    });
  }
  return { ...imported, text };
}

/** A URL in which a text stands for each variable; the document is read with it, and nothing is sent there. */
const standInFor = (template: string): string =>
  template
    .replace(/^\{\w+\}/, 'https://x')
    .replace(/:\{\w+\}/g, ':1')
    .replace(/\{\w+\}/g, 'x');

const tooLarge = () =>
  problem('openapi_too_large', `An OpenAPI document may have at most ${limits.documentBytes / 1024 / 1024} MiB.`);

function textOf(document: string | object): string {
  if (typeof document === 'string') return document;
  try {
    return JSON.stringify(document);
  } catch (cause) {
    throw problem('openapi_invalid', 'The document is nested too deeply.', { cause });
  }
}

async function download({ url, egress, signal }: ImportOpenApiInput): Promise<string> {
  if (url === undefined) throw problem('openapi_invalid', 'Pass document or url.');
  try {
    const { status, body } = await egress.request({
      method: 'GET',
      url,
      headers: { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5' },
      credentials: false,
      redirects: 3,
      maxBytes: limits.documentBytes,
      signal,
    });
    if (status === 200) return new TextDecoder().decode(body);
    const message = `The URL answered with status ${status}.`;
    throw problem('openapi_invalid', 'The document could not be loaded.', { errors: [{ pointer: '/url', message }] });
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    if (error.code === 'upstream_too_large') throw tooLarge();
    if (error.code === 'url_not_allowed') throw urlNotAllowed(error, '/url');
    const errors = [{ pointer: '/url', message: error.message }];
    throw problem('openapi_invalid', 'The document could not be loaded.', { cause: error, errors });
  }
}

type Reply = { imported: ImportedOpenApi } | { fault: Pick<DocumentFault, 'code' | 'message' | 'findings'> };

async function convertInThread(workerData: ConvertInput, signal: AbortSignal | undefined): Promise<ImportedOpenApi> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('../../dist/openapi/worker.js', import.meta.url), {
    workerData,
    // The thread gets no environment, arguments or flags of this process.
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMb, stackSizeMb: 4 },
  });
  // A failure after the end is ignored.
  worker.on('error', () => {});
  const timeout = timeLimit(limits.timeoutMs);
  let reply: Reply;
  try {
    [reply] = await once(worker, 'message', { signal: AbortSignal.any([timeout, ...(signal ? [signal] : [])]) });
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) throw problem('openapi_too_large', 'The document takes too long to read. Make it smaller.');
    if ((error as { code?: string }).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw problem('openapi_too_large', 'The document takes too much memory to read.');
  } finally {
    void worker.terminate();
  }
  if ('imported' in reply) return reply.imported;
  const { code, message, findings } = reply.fault;
  throw problem(code, message, { errors: findings });
}
