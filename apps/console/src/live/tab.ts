// The tab's end of the hub: sends the demands of components, and hands them the frames.
import { signedOut } from '../session/signed-out.ts';
import { Store } from '../session/store.ts';
import { onTokenChange, readToken } from '../session/token.ts';
import { type Demand, type Frame, type HubMessage, keyOf, type StreamState, type TabMessage } from './demand.ts';
import { Hub } from './hub.ts';
import { openStreams } from './open-stream.ts';

/** Browsers let hidden tabs run once a minute. */
const HEARTBEAT_MS = 30_000;

export type Listener = { onFrame(frame: Frame): void; onState(state: StreamState): void };
/** live: all streams are open, or are read at intervals. connecting: since when a stream was not. refused: with the code of the problem. */
export type Connection = { state: 'live' | 'connecting' | 'refused'; since: number; code?: string | undefined };

type Wanted = { demand: Demand; listeners: Set<Listener>; state: StreamState; code?: string | undefined };

const wanted = new Map<string, Wanted>();
export const connection = new Store<Connection>({ state: 'live', since: Date.now() });
const send = connect(hear);
let isAnnounced = false;

/** Listens to a stream until the returned function is called. */
export function listen(demand: Demand, listener: Listener): () => void {
  const key = keyOf(demand);
  const entry = wanted.get(key) ?? { demand, listeners: new Set(), state: 'connecting' };
  wanted.set(key, entry);
  entry.listeners.add(listener);
  if (entry.state !== 'connecting') listener.onState(entry.state);
  announceSoon();
  return () => {
    entry.listeners.delete(listener);
    if (entry.listeners.size === 0) announceSoon();
  };
}

/** Tells the hub once, however many components join and leave at the same moment. */
function announceSoon(): void {
  if (isAnnounced) return;
  isAnnounced = true;
  queueMicrotask(() => {
    isAnnounced = false;
    announce();
  });
}

function announce(): void {
  // Not before: the next page may want the same stream at the same moment, and the hub tells the state of a stream only once.
  for (const [key, { listeners }] of wanted) if (listeners.size === 0) wanted.delete(key);
  const isVisible = document.visibilityState === 'visible';
  const demands = [...wanted.values()].map(({ demand }) => demand);
  send({ type: 'wants', demands, token: readToken(), isFocused: document.hasFocus(), isVisible });
  summarize();
}

function hear(message: HubMessage): void {
  const entry = wanted.get(message.key);
  if (!entry) return;
  if (message.type === 'frame') {
    for (const listener of entry.listeners) listener.onFrame(message.frame);
    return;
  }
  if (message.code === 'unauthenticated') signedOut.set(true);
  const changed = entry.state !== message.state || message.state === 'live';
  entry.state = message.state;
  entry.code = message.code;
  if (changed) for (const listener of entry.listeners) listener.onState(message.state);
  summarize();
}

function summarize(): void {
  const entries = [...wanted.values()];
  const refused = entries.find(({ state }) => state === 'refused');
  const isConnecting = entries.some(({ state }) => state === 'connecting');
  const state = refused ? 'refused' : isConnecting ? 'connecting' : 'live';
  const before = connection.get();
  if (before.state !== state) connection.set({ state, since: Date.now(), code: refused?.code });
}

/** The shared worker where there is one; else a hub of this page with one stream, which a hidden page closes. */
function connect(onMessage: (message: HubMessage) => void): (message: TabMessage) => void {
  const post = 'SharedWorker' in window ? connectToWorker(onMessage) : joinOwnHub(onMessage);
  for (const event of ['focus', 'blur']) addEventListener(event, announceSoon);
  document.addEventListener('visibilitychange', announceSoon);
  addEventListener('pageshow', announceSoon);
  addEventListener('pagehide', () => post({ type: 'leaves' }));
  onTokenChange(announceSoon);
  setInterval(() => post({ type: 'alive' }), HEARTBEAT_MS);
  return post;
}

function connectToWorker(onMessage: (message: HubMessage) => void): (message: TabMessage) => void {
  const { port } = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'errand' });
  port.onmessage = ({ data }) => onMessage(data);
  return (message) => port.postMessage(message);
}

function joinOwnHub(onMessage: (message: HubMessage) => void): (message: TabMessage) => void {
  const join = new Hub({ open: openStreams(location.origin), maxStreams: 1 }).join(onMessage);
  return (message) => join(message.type === 'wants' && !message.isVisible ? { ...message, demands: [] } : message);
}
