/** A made-up service that an eval plans for: its document and what answers its requests. */
export interface EvalService {
  /** what the integration is called by id, e.g. `desk` */
  id: string;
  /** what people call it, e.g. "Harbour Desk" */
  name: string;
  /** an OpenAPI 3.1 document: every operation has an operationId, a summary, described parameters, request bodies and (unless the set is about missing ones) answers */
  document: Record<string, unknown>;
  /** operations that only read although they are not a GET */
  reads?: readonly string[];
  /** parameters that choose a page: a read may send them although a case does not name them */
  paging?: readonly string[];
  /** @returns a service with fresh data: it keeps what is written to it until it is thrown away */
  open(): { respond(request: EvalRequest): EvalAnswer };
}
export interface EvalRequest {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  body: unknown;
}
export interface EvalAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
