import { encodeFrame, type Part } from '@errand/basics/child/frame';
import { type ChildEnd, KillableChild } from '@errand/basics/child/killable-child';
import { processorMsOfMainThread } from '@errand/basics/processor-time';
import { problem } from '@errand/contracts';
import { limits, PICK_REMEDY } from '../document/limits.ts';
import type { AnswerKind, DocumentSummary, Fault, Question, ReadRequest } from './protocol.ts';

const entry = new URL('../../../dist/openapi/reader/child.js', import.meta.url);
const STACK_MB = 4;
/** A piece; its last tool may exceed the limit; or a summary with all warnings and names. */
const MAX_MESSAGE = 4 * 1024 * 1024;
const CHECK_MS = 100;
/** V8 ends a process without memory for an allocation by one of these. */
const OUT_OF_MEMORY: ReadonlySet<unknown> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL', 134]);
const RETRY_AFTER_S = 10;

export type ReadLimits = { processorMs: number; elapsedMs: number; heapMb: number };

export type ReadOptions = {
  signal?: AbortSignal | undefined;
  limits?: ReadLimits;
  /** Called several times with the processor time since the last call, in ms. */
  onUsed?: (ms: number) => void;
};

/** A document as its process read it. */
export type ReadDocument = Omit<DocumentSummary, 'toolPieces' | 'documentPieces'> & {
  /** JSON texts, each a list of tools without the members that follow from the integration. */
  tools: Buffer[];
  /** The picked document, with `pick`. */
  picked?: Buffer;
};

/**
 * Reads a document in a process of its own, which has ended when the promise settles. The document and its tools pass through this process
 * as bytes.
 * @param document its bytes, in pieces
 * @throws ProblemError openapi_invalid, openapi_too_large, too_many_imports
 */
export async function readInChild(
  document: readonly Uint8Array[],
  request: ReadRequest,
  { signal, limits: bounds = limits, onUsed = () => {} }: ReadOptions = {},
): Promise<ReadDocument> {
  signal?.throwIfAborted();
  const reader = new Reader(bounds, onUsed);
  const onAbort = () => reader.end(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await reader.ready;
    await reader.ask('begin', String(document.reduce((sum, { length }) => sum + length, 0)));
    for (const bytes of document) {
      for (let at = 0; at < bytes.length; at += limits.pieceBytes)
        await reader.ask('bytes', bytes.subarray(at, at + limits.pieceBytes));
    }
    const { toolPieces, documentPieces, ...summary } = JSON.parse(
      String(await reader.ask('read', JSON.stringify(request))),
    ) as DocumentSummary;
    const tools = await reader.pieces(toolPieces);
    const picked = documentPieces > 0 ? Buffer.concat(await reader.pieces(documentPieces)) : undefined;
    return { ...summary, tools, ...(picked && { picked }) };
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await reader.end(new Error('The reading has ended.'));
  }
}

/** The parent's side of a reading process: asks one question at a time, and ends the process at a limit. */
class Reader {
  readonly ready: Promise<unknown>;
  readonly #process: KillableChild;
  readonly #timers: NodeJS.Timeout[] = [];
  #pending: { resolve: (content: Buffer) => void; reject: (error: unknown) => void } | undefined;
  /** The reason why the process has ended or is being ended. */
  #failure: unknown;
  #usedMs = 0;

  constructor(
    private readonly bounds: ReadLimits,
    private readonly onUsed: (ms: number) => void,
  ) {
    this.ready = this.#answer();
    this.#process = new KillableChild(
      entry,
      { heapMb: bounds.heapMb, stackMb: STACK_MB, maxBytes: MAX_MESSAGE },
      { onMessage: (parts) => this.#receive(parts), onEnd: (end) => this.#fail(this.#reasonOf(end)) },
    );
    this.#process.ref();
    this.#timers.push(
      setInterval(() => this.#checkProcessorTime(), CHECK_MS),
      setTimeout(() => void this.end(busy(bounds.elapsedMs)), bounds.elapsedMs),
    );
  }

  ask(question: Question, ...parts: readonly Part[]): Promise<Buffer> {
    const answer = this.#answer();
    if (this.#failure === undefined) this.#process.send(encodeFrame([question, ...parts]));
    return answer;
  }

  async pieces(count: number): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    for (let n = 0; n < count; n++) pieces.push(await this.ask('next'));
    return pieces;
  }

  /** Resolves when the process has ended. */
  async end(reason: unknown): Promise<void> {
    this.#fail(reason);
    await this.#process.kill();
  }

  #answer(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      else this.#pending = { resolve, reject };
    });
  }

  #receive([kind, content]: readonly Buffer[]): void {
    const pending = this.#pending;
    if (!pending) throw new Error('it sent a message that nothing waits for');
    this.#pending = undefined;
    const answerKind = String(kind) as AnswerKind;
    if (answerKind === 'fault') pending.reject(toProblem(JSON.parse(String(content)) as Fault));
    else if (answerKind === 'failed') pending.reject(new Error(`The document could not be read: ${content}`));
    else pending.resolve(content ?? Buffer.alloc(0));
  }

  #fail(reason: unknown): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    if (this.#failure === undefined) {
      this.#failure = reason;
      this.#checkProcessorTime();
    }
    this.#pending?.reject(this.#failure);
    this.#pending = undefined;
  }

  /** Only Linux reports the time; elsewhere the elapsed time alone is limited, and counts as use. */
  #checkProcessorTime(): void {
    const ms = this.#process.pid === undefined ? undefined : processorMsOfMainThread(this.#process.pid);
    const moreMs = ms === undefined ? CHECK_MS : ms - this.#usedMs;
    this.#usedMs += moreMs;
    this.onUsed(moreMs);
    if (ms === undefined || ms < this.bounds.processorMs) return;
    const seconds = this.bounds.processorMs / 1000;
    void this.end(tooLarge(`Reading the document takes more than ${seconds} s of processor time.`));
  }

  #reasonOf({ code, signal, fault }: ChildEnd): unknown {
    const status = signal ?? code;
    if (!fault && OUT_OF_MEMORY.has(status))
      return tooLarge(`Reading the document takes more than ${this.bounds.heapMb} MiB of memory.`);
    if (!fault && status === 'SIGKILL')
      return problem('too_many_imports', 'The process that read the document was killed. Try again.', retry());
    return new Error(`The process that read the document has ended: ${fault?.message ?? status}.`, { cause: fault });
  }
}

const tooLarge = (detail: string) => problem('openapi_too_large', detail, { remedy: PICK_REMEDY });

const retry = () => ({
  headers: { 'retry-after': String(RETRY_AFTER_S) },
  values: { retryAfterSeconds: RETRY_AFTER_S },
});

const busy = (elapsedMs: number) =>
  problem(
    'too_many_imports',
    `The server is busy: it could not read the document within ${elapsedMs / 1000} s. Try again later.`,
    retry(),
  );

const toProblem = ({ code, message, findings, remedy }: Fault) =>
  problem(code, message, { errors: findings, ...(remedy !== undefined && { remedy }) });
