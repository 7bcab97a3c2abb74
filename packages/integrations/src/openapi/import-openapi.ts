import { setImmediate as nextTurn } from 'node:timers/promises';
import { timeLimit } from '@errand/basics/time-limit';
import { type PickOperations, ProblemError, problem, type RequestSettings } from '@errand/contracts';
import type { Egress } from '../egress/egress.ts';
import { EgressError, urlNotAllowed } from '../egress/error.ts';
import type { PreviousDocuments } from './convert.ts';
import { limits, PICK_REMEDY } from './document/limits.ts';
import type { ImportSlot } from './import-queue.ts';
import { type ImportedOpenApi, type LoadedDocument, mergeDocuments } from './merge-documents.ts';
import { readInChild } from './reader/read-in-child.ts';

export type DocumentSource = {
  /** JSON or YAML text, its bytes, or parsed JSON; by default the document is loaded from `url`. */
  document?: string | object | AsyncIterable<Uint8Array>;
  /** URL of the document. With `document` it is only the base of relative servers. */
  url?: string;
  /** The operations to read; by default all. */
  pick?: PickOperations;
};

export type ImportOpenApiInput = DocumentSource & {
  /** Several documents of the service, instead of one. */
  documents?: readonly DocumentSource[];
  /** The owner's address of the service, instead of the servers of the document. */
  baseUrl?: string;
  /** Name of the integration; by default the document's title. */
  name?: string;
  customerIntegrationId: string;
  /** Values of the integration, which are no arguments of its tools. */
  requestSettings?: RequestSettings | undefined;
  /** Other names of operations, by operationId or by method and path. */
  names?: Readonly<Record<string, string>> | undefined;
  egress: Egress;
  /** Slot in the queue of all imports; without it the document is read at once. */
  slot?: ImportSlot;
  signal?: AbortSignal;
};

/** Elapsed time that the reading of several documents may take. */
const DOCUMENTS_MS = 300_000;

/**
 * Reads OpenAPI 3.0, 3.1 or Swagger 2.0 documents: at most 8 MiB each, 40 MiB with `pick`, and 2 000 operations in all, without external
 * references. Faults of parts become warnings (`/pointer: text`).
 * @throws ProblemError openapi_invalid, openapi_too_large, url_not_allowed, too_many_imports; `errors` name the faulty parts
 */
export async function importOpenApi(input: ImportOpenApiInput): Promise<ImportedOpenApi> {
  const { egress, documents, slot, baseUrl } = input;
  // The caller may just have parsed megabytes, so other work runs first.
  await nextTurn();
  if (baseUrl !== undefined && !/\{\w+\}/.test(baseUrl)) await checkUrl(egress, baseUrl, '/baseUrl');
  const imported = documents ? await importSeveral(input, documents) : mergeDocuments([await importOne(input, input)]);
  slot?.hold(imported.tools.reduce((sum, { length }) => sum + length, 0));
  // An address with variables is checked when it is called.
  const servers = imported.servers.filter((server) => !server.includes('{'));
  for (const server of servers) await checkUrl(egress, server, '/servers');
  return imported;
}

const checkUrl = (egress: Egress, url: string, pointer: string) =>
  egress.checkUrl(url).catch((cause) => {
    throw urlNotAllowed(cause, pointer);
  });

/** Reads documents one after another, within a time limit. */
async function importSeveral(input: ImportOpenApiInput, sources: readonly DocumentSource[]): Promise<ImportedOpenApi> {
  const timeout = timeLimit(DOCUMENTS_MS);
  const signal = input.signal ? AbortSignal.any([input.signal, timeout]) : timeout;
  const readAll = async () => {
    const read: LoadedDocument[] = [];
    for (const [index, source] of sources.entries()) {
      try {
        read.push(await importOne({ ...input, signal, slot: withoutLarge(input.slot) }, source, previousOf(read)));
      } catch (error) {
        if (timeout.aborted && !input.signal?.aborted)
          throw problem('openapi_too_large', `The documents could not be read within ${DOCUMENTS_MS / 1000} s.`);
        throw error instanceof ProblemError ? atDocument(error, index) : error;
      }
    }
    return mergeDocuments(read);
  };
  return input.slot ? input.slot.large(readAll) : readAll();
}

/** An import of several documents is large as a whole, and must not wait for itself. */
const withoutLarge = (slot: ImportSlot | undefined): ImportSlot | undefined =>
  slot && { ...slot, large: (work) => work() };

/** The same problem, which names the document. */
const atDocument = (error: ProblemError, index: number): ProblemError =>
  new ProblemError(error.code, `Document ${index}: ${error.detail ?? ''}`.trim(), {
    ...error.options,
    errors: error.options.errors?.map(({ pointer, message }) => ({
      pointer: pointer === '/baseUrl' ? pointer : `/documents/${index}${pointer}`,
      message,
    })),
  });

function previousOf(read: readonly LoadedDocument[]): PreviousDocuments | undefined {
  const [first] = read;
  if (!first) return undefined;
  const tools = read.flatMap(({ tools }) => tools);
  return {
    baseUrl: first.baseUrl,
    operations: read.flatMap(({ operations }) => operations),
    toolBytes: tools.reduce((sum, { length }) => sum + length, 0),
  };
}

async function importOne(
  { egress, customerIntegrationId, baseUrl, name, requestSettings, names, slot, signal }: ImportOpenApiInput,
  source: DocumentSource,
  previous?: PreviousDocuments,
): Promise<LoadedDocument> {
  const { url, pick } = source;
  if (url !== undefined && !URL.canParse(url))
    throw problem('url_not_allowed', undefined, { errors: [{ pointer: '/url', message: 'It is not a URL.' }] });
  const request = {
    customerIntegrationId,
    documentUrl: url,
    baseUrl,
    name,
    requestSettings,
    names,
    pick,
    previous,
    allowedOrigins: await egress.allowedOrigins(),
  };
  const load = async () => {
    const bytes = await loadBytes(egress, source, signal);
    const { picked, ...document } = await (slot
      ? slot.inTurn(({ signal: stop, onUsed }) =>
          readInChild(bytes, request, { signal: signal ? AbortSignal.any([signal, stop]) : stop, onUsed }),
        )
      : readInChild(bytes, request, { signal }));
    return { ...document, url, pick, bytes: picked ? [picked] : bytes };
  };
  return slot && pick ? slot.large(load) : load();
}

const mib = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;

/** The refusal of a document because of its size. */
function tooLarge(isPicked: boolean): ProblemError {
  if (isPicked)
    return problem('openapi_too_large', `A document may have at most ${mib(limits.pickedFromBytes)}.`, {
      remedy: 'Send a part of the document.',
    });
  const detail = `A document of more than ${mib(limits.documentBytes)} is read only with \`pick\`, up to ${mib(limits.pickedFromBytes)}.`;
  return problem('openapi_too_large', detail, { remedy: PICK_REMEDY });
}

const isStream = (document: object): document is AsyncIterable<Uint8Array> => Symbol.asyncIterator in document;

/** @throws ProblemError openapi_too_large */
async function loadBytes(
  egress: Egress,
  source: DocumentSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array[]> {
  const { document, pick } = source;
  const maxBytes = pick ? limits.pickedFromBytes : limits.documentBytes;
  if (document === undefined) return [await download(egress, source, maxBytes, signal)];
  if (typeof document === 'object' && isStream(document)) return collect(document, maxBytes, pick !== undefined);
  const bytes = bytesOf(document);
  if (bytes.length > maxBytes) throw tooLarge(pick !== undefined);
  return [bytes];
}

function bytesOf(document: string | object): Buffer {
  try {
    return Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  } catch (cause) {
    throw problem('openapi_invalid', 'The document is nested too deeply.', { cause });
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number, isPicked: boolean): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge(isPicked);
    pieces.push(piece);
  }
  return pieces;
}

async function download(
  egress: Egress,
  { url, pick }: DocumentSource,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  if (url === undefined) throw problem('openapi_invalid', 'Pass document or url.');
  try {
    const { status, body } = await egress.request({
      method: 'GET',
      url,
      headers: { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5' },
      credentials: false,
      redirects: 3,
      maxBytes,
      signal,
    });
    if (status === 200) return body;
    const message = `The URL answered with status ${status}.`;
    throw problem('openapi_invalid', 'The document could not be loaded.', { errors: [{ pointer: '/url', message }] });
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    if (error.code === 'upstream_too_large') throw tooLarge(pick !== undefined);
    if (error.code === 'url_not_allowed') throw urlNotAllowed(error, '/url');
    const errors = [{ pointer: '/url', message: error.message }];
    throw problem('openapi_invalid', 'The document could not be loaded.', { cause: error, errors });
  }
}
