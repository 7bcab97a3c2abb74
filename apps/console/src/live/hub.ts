// Holds the streams of all tabs of a browser. Over HTTP/1.1 a browser opens six connections to an origin, and each stream keeps one.
import { type Demand, type HubMessage, keyOf, type StreamState, type TabMessage } from './demand.ts';

/** The connections that streams may keep: the other three stay free for requests. */
export const MAX_STREAMS = 3;
/** A refused stream is opened again after this time: the limit that refused it may have room then. */
const RETRY_MS = 30_000;
/** A tab that has said nothing for so long is gone. Browsers let hidden tabs run once a minute. */
const SILENCE_MS = 180_000;

export type StreamListener = {
  onFrame(frame: Extract<HubMessage, { type: 'frame' }>['frame']): void;
  onState(state: StreamState, code?: string): void;
};
/** Opens the stream of a demand. @returns a function that closes it */
export type OpenStream = (demand: Demand, token: () => string, listener: StreamListener) => () => void;

type Tab = {
  post: (message: HubMessage) => void;
  demands: Demand[];
  isVisible: boolean;
  /** When the tab had the focus last. */
  focusedAt: number;
  heardAt: number;
};
type Stream = { close: () => void; state: StreamState; code?: string | undefined };

export type HubOptions = { open: OpenStream; maxStreams?: number; now?: () => number };

export class Hub {
  readonly #tabs = new Set<Tab>();
  readonly #streams = new Map<string, Stream>();
  readonly #open: OpenStream;
  readonly #maxStreams: number;
  readonly #now: () => number;
  #token = '';
  #focuses = 0;

  constructor({ open, maxStreams = MAX_STREAMS, now = Date.now }: HubOptions) {
    this.#open = open;
    this.#maxStreams = maxStreams;
    this.#now = now;
  }

  /** @returns the function that takes the messages of the tab */
  join(post: Tab['post']): (message: TabMessage) => void {
    const tab: Tab = { post, demands: [], isVisible: false, focusedAt: 0, heardAt: this.#now() };
    this.#tabs.add(tab);
    return (message) => {
      tab.heardAt = this.#now();
      if (message.type === 'leaves') this.#tabs.delete(tab);
      else this.#tabs.add(tab);
      if (message.type === 'wants') this.#change(tab, message);
      this.#removeSilentTabs();
      this.#allocate();
    };
  }

  #change(tab: Tab, { demands, token, isFocused, isVisible }: Extract<TabMessage, { type: 'wants' }>): void {
    const known = new Set(tab.demands.map(keyOf));
    if (token !== this.#token) this.#closeAll();
    this.#token = token;
    tab.demands = demands;
    tab.isVisible = isVisible;
    if (isFocused) tab.focusedAt = ++this.#focuses;
    for (const demand of demands) {
      const key = keyOf(demand);
      const stream = this.#streams.get(key);
      // The tab reads what happened before it came.
      if (stream && !known.has(key)) tab.post({ type: 'state', key, state: stream.state, ...codeOf(stream) });
    }
  }

  #removeSilentTabs(): void {
    const limit = this.#now() - SILENCE_MS;
    for (const tab of this.#tabs) if (tab.heardAt < limit) this.#tabs.delete(tab);
  }

  #closeAll(): void {
    for (const { close } of this.#streams.values()) close();
    this.#streams.clear();
  }

  /** Opens the most wanted streams and closes the others. */
  #allocate(): void {
    const demands = rank([...this.#tabs]);
    const chosen = new Map([...demands].slice(0, this.#maxStreams));
    for (const [key, { close }] of this.#streams) {
      if (chosen.has(key)) continue;
      close();
      this.#streams.delete(key);
      if (demands.has(key)) this.#tell(key, 'polling');
    }
    for (const [key, demand] of chosen) if (!this.#streams.has(key)) this.#start(key, demand);
    for (const key of demands.keys()) if (!chosen.has(key)) this.#tell(key, 'polling');
  }

  #start(key: string, demand: Demand): void {
    const stream: Stream = { close: () => {}, state: 'connecting' };
    this.#streams.set(key, stream);
    const isCurrent = () => this.#streams.get(key) === stream;
    this.#tell(key, 'connecting');
    stream.close = this.#open(demand, () => this.#token, {
      onFrame: (frame) => {
        if (isCurrent()) this.#post(key, { type: 'frame', key, frame });
      },
      onState: (state, code) => {
        if (!isCurrent()) return;
        stream.state = state;
        stream.code = code;
        this.#tell(key, state, code);
        if (state === 'refused') setTimeout(() => this.#retry(key, stream), RETRY_MS);
      },
    });
  }

  #retry(key: string, stream: Stream): void {
    if (this.#streams.get(key) !== stream) return;
    stream.close();
    this.#streams.delete(key);
    this.#allocate();
  }

  #tell(key: string, state: StreamState, code?: string): void {
    this.#post(key, { type: 'state', key, state, ...(code === undefined ? {} : { code }) });
  }

  #post(key: string, message: HubMessage): void {
    for (const tab of this.#tabs) if (tab.demands.some((demand) => keyOf(demand) === key)) tab.post(message);
  }
}

const codeOf = ({ code }: Stream) => (code === undefined ? {} : { code });

/**
 * The demands of all tabs, most wanted first: the lists of runs of all workspaces, then the others of the tab that had the focus last.
 * The list of runs tells of everything else, late by one request.
 */
function rank(tabs: Tab[]): Map<string, Demand> {
  const ordered = tabs.toSorted((a, b) => Number(b.isVisible) - Number(a.isVisible) || b.focusedAt - a.focusedAt);
  const demands = ordered.flatMap((tab) => tab.demands);
  const byKind = (kind: Demand['kind']) => demands.filter((demand) => demand.kind === kind);
  const focused = ordered[0]?.demands.toSorted((a, b) => kindRank(a) - kindRank(b)) ?? [];
  return firstOfEach([...byKind('runs'), ...focused, ...byKind('pending'), ...byKind('run')]);
}

const kindRank = ({ kind }: Demand): number => ['runs', 'run', 'pending'].indexOf(kind);

function firstOfEach(demands: Demand[]): Map<string, Demand> {
  const first = new Map<string, Demand>();
  for (const demand of demands) if (!first.has(keyOf(demand))) first.set(keyOf(demand), demand);
  return first;
}
