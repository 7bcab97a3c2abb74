import type { IncomingHttpHeaders } from 'node:http';
import type { CallerPrincipal } from '@errand/contracts';
import type { WorkspaceDb } from '@errand/db';
import type { Handler as HandlerOf } from '@errand/trpc-openapi';
import type { ApiDeps } from './deps.ts';

/** What a request brings before anybody knows who asks. */
export type RequestContext = {
  readonly request: { readonly ip: string };
  readonly headers: IncomingHttpHeaders;
  /** Who asks, where that was found out before, and otherwise than by an API key. */
  readonly principal?: CallerPrincipal;
  /** Sets headers of the answer. */
  readonly reply: { headers(values: Readonly<Record<string, string>>): unknown };
  /** Bytes that each call of the request may answer with. */
  readonly maxBytes: number;
  /** Calls `then` once the answer was sent, or the caller has disconnected. */
  readonly onClosed: (then: () => void) => void;
};

/** What a handler works with. */
export type Context = {
  readonly principal: CallerPrincipal;
  readonly deps: ApiDeps;
  /** Bytes that the answer may have. */
  readonly maxBytes: number;
  /** Calls `then` once the answer was sent, or the caller has disconnected. */
  readonly onClosed: (then: () => void) => void;
  /** The database as the caller's workspace sees it. */
  readonly workspaceDb: WorkspaceDb;
};

export type Handler<Op> = HandlerOf<Op, Context>;
