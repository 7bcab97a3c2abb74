import type { FastifyReply } from 'fastify';
import type { Transport } from '../compile-operation.ts';
import type { Raw, ReplyOptions } from '../handler-result.ts';

/** Made once: every request that ends aborts its signal, and a new DOMException would record where. */
const GONE = new DOMException('The request has ended.', 'AbortError');

/** The REST request of a handler. The signal is created on access. */
export class RestTransport implements Transport {
  isReady = false;
  /** The answer instead of the result of the handler. */
  body: Raw | undefined;
  #controller: AbortController | undefined;
  constructor(
    private readonly fastifyReply: FastifyReply,
    public status: number,
  ) {}
  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController();
      const { raw } = this.fastifyReply;
      if (raw.destroyed) controller.abort(GONE);
      else raw.once('close', () => controller.abort(GONE));
      this.#controller = controller;
    }
    return this.#controller.signal;
  }
  reply({ status, headers, body }: ReplyOptions): void {
    if (body) this.body = body;
    if (status !== undefined) this.status = status;
    if (headers) this.fastifyReply.headers(headers);
  }
  ready(): void {
    this.isReady = true;
  }
}
