import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { EgressError, findEgressError } from './error.ts';
import { incomingHeaders } from './headers.ts';

export type Received = {
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

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** Collects an answer. Counts decoded bytes, since a small compressed body can become huge. */
export class Receiver implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #sent = false;
  #done = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #size = 0;
  #wire = 0;
  #decoder: Transform | undefined;

  constructor(
    private readonly maxBytes: number,
    private readonly whenTooLarge: 'fail' | 'cut',
    private readonly resolve: (received: Received) => void,
    private readonly reject: (error: EgressError) => void,
  ) {}

  /** Called when the request is about to be written to a connected socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sent = true;
    if (this.#done) controller.abort(new Error('already ended'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#controller = controller;
    this.#status = status;
    this.#headers = incomingHeaders(headers);
    const coding = String(headers['content-encoding'] ?? 'identity')
      .trim()
      .toLowerCase();
    if (coding === 'identity' || coding === '') return;
    const make = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (!make) {
      this.fail('upstream_unreachable', new Error(`content-encoding ${coding}`));
      return;
    }
    this.#decoder = make()
      .on('data', (chunk: Buffer) => this.#keep(chunk))
      .on('end', () => this.#finish())
      .on('error', (cause) => this.fail('upstream_unreachable', cause));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    if (this.#decoder) this.#wire += chunk.length;
    if (!this.#decoder) this.#keep(chunk);
    else if (this.#wire > this.maxBytes) this.#overflow();
    else this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#done) return;
    if (this.#decoder && this.#wire > 0) this.#decoder.end();
    else this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const ours = findEgressError(error);
    const code = (error as { code?: string }).code ?? '';
    this.fail(ours?.code ?? (timeouts.has(code) ? 'upstream_timeout' : 'upstream_unreachable'), ours?.cause ?? error);
  }

  fail(code: EgressError['code'], cause: unknown): void {
    if (this.#done) return;
    this.#stop();
    this.reject(new EgressError(code, { cause, sent: this.#sent, status: this.#status || undefined }));
  }

  #keep(chunk: Buffer): void {
    if (this.#done) return;
    const remaining = this.maxBytes - this.#size;
    this.#size += chunk.length;
    this.#chunks.push(chunk.length > remaining ? chunk.subarray(0, remaining) : chunk);
    if (chunk.length > remaining) this.#overflow();
  }

  #overflow(): void {
    if (this.whenTooLarge === 'fail') {
      this.fail('upstream_too_large', new Error(`over ${this.maxBytes} bytes`));
      return;
    }
    const body = Buffer.concat(this.#chunks);
    this.#stop();
    this.resolve({ status: this.#status, headers: this.#headers, body, truncated: true });
  }

  #stop(): void {
    this.#done = true;
    this.#chunks = [];
    this.#decoder?.destroy();
    this.#controller?.abort(new Error('given up'));
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.resolve({ status: this.#status, headers: this.#headers, body });
  }
}
