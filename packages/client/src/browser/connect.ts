// Connects an account of the user, in a window of its own.
import type { EventList, PendingEntry } from '@errand/contracts';
import { RequestFailed } from '../http/request-failed.ts';
import { sleep } from '../http/retry.ts';
import { isClosedByPerson } from './closed-window.ts';
import type { StreamContext } from './follow.ts';
import { watchPending } from './pending.ts';
import { type CallOptions, send } from './send.ts';
import { withinMs } from './within.ts';

export type ConnectOptions = CallOptions & {
  /** Opens the page for the consent. Default: a new window, which the browser allows in the handler of a click. */
  open?: (url: string) => void;
  /** Where the user goes after the consent, with `?status=success` or `?status=error`. Its origin must be one of ERRAND_REDIRECT_ORIGINS. */
  redirectUri?: string;
  /** Milliseconds in which the user connects the account; default 10 minutes, like the page for the consent. */
  timeoutMs?: number;
};

/**
 * The account was not connected. blocked: the browser blocked the window. refused: the user refused. closed: the user closed the window and
 * came back to the page. late: the time is over, because the user did not finish.
 */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed';
  constructor(readonly reason: 'blocked' | 'refused' | 'closed' | 'late') {
    super(MESSAGES[reason]);
  }
}

const MESSAGES = {
  blocked: 'The browser blocked the window. Call `connect` in the handler of a click, or pass `open`.',
  refused: 'The user did not connect the account. Call `connect` again when they want to.',
  closed: 'The user closed the window before the account was connected. Call `connect` again when they want to.',
  late: 'The account was not connected in time. Call `connect` again.',
} as const;

const TIMEOUT_MS = 10 * 60_000;
/** How often the state of the account is read while no run waits for it. */
const POLL_MS = 3000;
/** How long the page waits for the requests of runs. */
const FIRST_LIST_MS = 5000;

/** The page for the consent, and the account before it. */
type AuthUrl = { authorizeUrl: string; active: boolean; updatedAt: string };

type Connecting = {
  context: StreamContext;
  /** The URL of the operations, which ends in /v1. */
  base: string;
  customerIntegrationId: string;
  options: ConnectOptions;
};

/** @throws ConnectFailed, RequestFailed, the reason of the signal */
export async function connectAccount(connecting: Connecting): Promise<void> {
  const { open, timeoutMs = TIMEOUT_MS, signal } = connecting.options;
  signal?.throwIfAborted();
  // Before anything is awaited: afterwards a browser would block the window.
  const page: Page = open ? { show: open, close: () => {} } : openWindow();
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new ConnectFailed('late')), timeoutMs);
  const abort = () => over.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const requests = new ConsentRequests(connecting, over.signal);
    const [before, link] = await Promise.all([
      requestPage(connecting, over.signal),
      linkOfRun(connecting, requests, over.signal),
    ]).catch((error) => {
      page.close();
      throw error;
    });
    page.show(link ?? before.authorizeUrl);
    await Promise.race([
      requests.closed,
      waitForAccount(connecting, before, requests, over.signal),
      untilClosed(page, () => isConnected(connecting, before, over.signal), over.signal),
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    over.abort();
  }
}

type OpenedWindow = { readonly closed: boolean; opener: unknown; location: { href: string }; close(): void };

/** @property opened absent if the page shows the consent itself */
type Page = { show(url: string): void; close(): void; opened?: OpenedWindow };

/** The part of a page that this file uses: the types of this package need no DOM. */
declare const window: { open(url: string, target: string): OpenedWindow | null };

/** Opens an empty window. @throws ConnectFailed blocked */
function openWindow(): Page {
  const opened = window.open('', '_blank');
  if (!opened) throw new ConnectFailed('blocked');
  // Pages of other sites follow: they must not reach this one.
  opened.opener = null;
  return {
    opened,
    show: (url) => {
      if (opened.closed) throw new ConnectFailed('closed');
      opened.location.href = url;
    },
    close: () => opened.close(),
  };
}

/** Ends when the user has closed the window; otherwise never. @throws ConnectFailed closed, if the account is not connected */
async function untilClosed({ opened }: Page, isConnected: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  if (!opened || !(await isClosedByPerson(opened, signal))) return new Promise(() => {});
  if (!(await isConnected())) throw new ConnectFailed('closed');
}

async function requestPage(connecting: Connecting, signal: AbortSignal): Promise<AuthUrl> {
  const { context, base, customerIntegrationId, options } = connecting;
  const { userId } = await context.tokens.get(signal);
  const path = `/integrations/${encodeURIComponent(customerIntegrationId)}/users/${encodeURIComponent(userId)}/auth-url`;
  const body = { redirectUri: options.redirectUri };
  return send<AuthUrl>(context.tokens, { method: 'POST', url: base + path, body }, signal);
}

/** The requests of runs that wait for the account. */
class ConsentRequests {
  areOpen = false;
  /** Until a run that waited for the account continues. Without an end if none waits, or if the token may not see requests. */
  readonly closed: Promise<void>;
  /** The newest request at the start. */
  readonly newest: Promise<PendingEntry | undefined>;
  #start: (newest: PendingEntry | undefined) => void = () => {};

  constructor(connecting: Connecting, signal: AbortSignal) {
    this.newest = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.closed = this.#follow(connecting, signal);
    this.closed.catch(() => {});
  }

  /** @throws ConnectFailed refused */
  async #follow({ context, base, customerIntegrationId }: Connecting, signal: AbortSignal): Promise<void> {
    const url = `${base}/pending/sse?${new URLSearchParams({ kind: 'consent', customerIntegrationId, heads: 'true' })}`;
    try {
      for await (const { entries, gone } of watchPending(context, url, { signal })) {
        this.areOpen = entries.length > 0;
        this.#start(entries[0]);
        if (gone?.why !== 'decided') continue;
        if (gone.decision === 'approve') return;
        throw new ConnectFailed('refused');
      }
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      this.#start(undefined);
      this.areOpen = false;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    }
  }
}

/** The link of a run that waits for the account: there the user sees the intent of the run, and can refuse. */
async function linkOfRun(
  { context, base, options }: Connecting,
  { newest }: ConsentRequests,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (options.redirectUri !== undefined) return undefined;
  const request = await withinMs(FIRST_LIST_MS, newest, () => undefined);
  if (!request) return undefined;
  const url = `${base}/runs/${encodeURIComponent(request.runId)}/events?order=desc&limit=1000`;
  // Without the ability `watch` the events are refused.
  const list = await send<EventList>(context.tokens, { method: 'GET', url }, signal).catch(orUndefined);
  for (const event of list?.events ?? []) {
    if (event.type !== 'authentication' || event.auth.status !== 'required') continue;
    if (event.auth.consentId === request.consentId) return event.auth.url;
  }
  return undefined;
}

function orUndefined(error: unknown): undefined {
  if (!(error instanceof RequestFailed)) throw error;
}

/** Until the account has another credential than before. Without requests of runs, only its state shows this. */
async function waitForAccount(
  connecting: Connecting,
  before: AuthUrl,
  requests: ConsentRequests,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(POLL_MS, signal);
    signal.throwIfAborted();
    if (!requests.areOpen && (await isConnected(connecting, before, signal))) return;
  }
}

/** Whether the account has another credential than before. */
async function isConnected(connecting: Connecting, before: AuthUrl, signal: AbortSignal): Promise<boolean> {
  const { active, updatedAt } = await requestPage(connecting, signal);
  return active && (!before.active || updatedAt !== before.updatedAt);
}
