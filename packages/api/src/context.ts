import type { IncomingHttpHeaders } from 'node:http';
import type { CallerPrincipal, contract, PlatformPrincipal, SessionPrincipal } from '@errand/contracts';
import type { Session, WorkspaceDb } from '@errand/db';
import { ANSWER_BYTES } from '@errand/engine';
import type { Handler as HandlerOf, Handlers } from '@errand/trpc-openapi';
import type { ApiDeps } from './deps.ts';

/** A request before its caller is identified. */
export type RequestContext = {
  readonly request: { readonly ip: string; readonly url?: string };
  readonly headers: IncomingHttpHeaders;
  /** The principal, if an access token identified it already. */
  readonly principal?: CallerPrincipal;
  /** The session of the person who is signed in; present for requests of the console. */
  readonly session?: SessionOfRequest;
  /** Whether its mount has checked the `Origin` by a rule of its own. */
  readonly hasCheckedOrigin?: true;
  /** Sets headers of the answer. */
  readonly reply: { headers(values: Readonly<Record<string, string>>): unknown };
  /** Maximum bytes of the answer to each call of the request. */
  readonly maxBytes: number;
  /** Calls `then` after the answer was sent or the caller disconnected. */
  readonly onClosed: (callback: () => void) => void;
  /** The turn of the request among those of all workspaces; absent for routes outside the contract. */
  readonly turn?: RequestTurn;
};

/** The turn of a request, which its calls share. */
export type RequestTurn = {
  /** @throws ProblemError rate_limited */
  begin(workspaceId: string): void | Promise<void>;
  /** Ends the turn before the answer, when the request only waits. */
  end(): void;
};

/** A verified session, and its person; in a workspace if the request names one. */
export type SessionOfRequest = { session: Session; principal: CallerPrincipal | SessionPrincipal };

/** The context of a handler. */
export type Context = {
  readonly principal: CallerPrincipal;
  readonly deps: ApiDeps;
  /** Maximum bytes of the answer. */
  readonly maxBytes: number;
  /** Calls `then` after the answer was sent or the caller disconnected. */
  readonly onClosed: (then: () => void) => void;
  /** Ends the turn of the request, which then only waits. */
  readonly endTurn: () => void;
  /** Its W3C trace context, if the caller sent one. */
  readonly traceparent?: string | undefined;
  /** The database, restricted to the caller's workspace. */
  readonly workspaceDb: WorkspaceDb;
};

/** The context of operations that need no workspace. */
export type SessionContext = Pick<Context, 'deps' | 'maxBytes' | 'onClosed'> & {
  readonly principal: CallerPrincipal | SessionPrincipal | PlatformPrincipal;
  readonly session?: Session | undefined;
};

export type Handler<Op> = HandlerOf<Op, Context>;
/** Groups of operations that need no workspace. */
type SessionGroup = 'session' | 'workspaces' | 'settings' | 'system' | 'people';
export type SessionHandlers = Handlers<Pick<typeof contract, SessionGroup>, SessionContext>;
/** The handlers of all operations, by resource. Each folder of a resource exports its own from `handlers.ts`. */
export type ContractHandlers = Handlers<Omit<typeof contract, SessionGroup>, Context> & SessionHandlers;

/** The query of a read that shows the caller only what it may see, in an answer of limited size. */
export const readerQuery = <Input extends object>({ maxBytes, principal }: Context, input: Input) => ({
  ...input,
  maxBytes,
  reader: principal,
});

/** tRPC parses and serializes an answer once more, so it gets half the size: longer work would block other requests. */
const TRPC_BYTES = ANSWER_BYTES / 2;

/** Maximum bytes of the answer to each call of a request. */
export const maxBytesFor = (isTrpc: boolean, calls: number): number =>
  Math.floor((isTrpc ? TRPC_BYTES : ANSWER_BYTES) / calls);
