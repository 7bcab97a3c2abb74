import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, WorkspaceDb } from '@errand/db';
import type { Handler as HandlerOf } from '@errand/trpc-openapi';
import type { ApiDeps } from './deps.ts';

/** What a request brings before anybody knows who asks. */
export type RequestContext = { readonly request: object; readonly headers: IncomingHttpHeaders };

/** What a handler works with: who asks, the rooms behind it, and what the caller's workspace keeps. */
export type Context = { readonly caller: Caller; readonly deps: ApiDeps; readonly own: WorkspaceDb };

export type Handler<Op> = HandlerOf<Op, Context>;
