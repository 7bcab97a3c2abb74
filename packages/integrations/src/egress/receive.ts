import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { EgressError, findEgressError } from './error.ts';
import { incomingHeaders } from './headers.ts';

export type EgressResponse = {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Set if the body was longer than `maxBytes`; only with `whenTooLarge: 'cut'`. */
  truncated?: boolean;
};

const decoders: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** Collects an answer. Counts decoded bytes, since a small compressed body can become huge. */
export class Receiver implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #isSent = false;
  #isDone = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #encodedBytes = 0;
  #decoder: Transform | undefined;

  constructor(
    private readonly options: {
      maxBytes: number;
      whenTooLarge: 'fail' | 'cut';
      /** Called just before the request is written; with false nothing is sent. */
      maySend: (() => boolean) | undefined;
      keepHeaders?: readonly string[] | undefined;
    },
    private readonly resolve: (received: EgressResponse) => void,
    private readonly reject: (error: EgressError) => void,
  ) {}

  /** Called when the request is about to be written to a connected socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    const { maySend } = this.options;
    if (maySend && !maySend()) this.fail('canceled', new Error('the caller withdrew the request'));
    if (this.#isDone) controller.abort(new Error('already ended'));
    else this.#isSent = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#controller = controller;
    this.#status = status;
    this.#headers = incomingHeaders(headers, this.options.keepHeaders);
    const coding = String(headers['content-encoding'] ?? 'identity')
      .trim()
      .toLowerCase();
    if (coding === 'identity' || coding === '') return;
    const createDecoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (!createDecoder) {
      this.fail('upstream_unreachable', new Error(`content-encoding ${coding}`));
      return;
    }
    this.#decoder = createDecoder()
      .on('data', (chunk: Buffer) => this.#addChunk(chunk))
      .on('end', () => this.#finish())
      .on('error', (cause) => this.fail('upstream_unreachable', cause));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isDone) return;
    if (this.#decoder) this.#encodedBytes += chunk.length;
    if (!this.#decoder) this.#addChunk(chunk);
    else if (this.#encodedBytes > this.options.maxBytes) this.#overflow();
    else this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#isDone) return;
    if (this.#decoder && this.#encodedBytes > 0) this.#decoder.end();
    else this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const egressError = findEgressError(error);
    const code = (error as { code?: string }).code ?? '';
    const usual = timeoutCodes.has(code) ? 'upstream_timeout' : 'upstream_unreachable';
    this.fail(egressError?.code ?? usual, egressError?.cause ?? error, egressError?.remedy);
  }

  fail(code: EgressError['code'], cause: unknown, remedy?: string): void {
    if (this.#isDone) return;
    this.#stop();
    this.reject(new EgressError(code, { cause, remedy, sent: this.#isSent, status: this.#status || undefined }));
  }

  #addChunk(chunk: Buffer): void {
    if (this.#isDone) return;
    const remaining = this.options.maxBytes - this.#bytes;
    this.#bytes += chunk.length;
    this.#chunks.push(chunk.length > remaining ? chunk.subarray(0, remaining) : chunk);
    if (chunk.length > remaining) this.#overflow();
  }

  #overflow(): void {
    if (this.options.whenTooLarge === 'fail') {
      this.fail('upstream_too_large', new Error(`over ${this.options.maxBytes} bytes`));
      return;
    }
    const body = Buffer.concat(this.#chunks);
    this.#stop();
    this.resolve({ status: this.#status, headers: this.#headers, body, truncated: true });
  }

  #stop(): void {
    this.#isDone = true;
    this.#chunks = [];
    this.#decoder?.destroy();
    this.#controller?.abort(new Error('given up'));
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.resolve({ status: this.#status, headers: this.#headers, body });
  }
}
