// Reads the log of a run by pages, then follows its stream.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLive } from '../../live/use-live.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { EMPTY_LOG, foldEvents, foldProgress, type ProgressFrame, type RunEvent, type RunLog } from './log/log.ts';
import { PendingEvents } from './log/pending-events.ts';

const PAGE = 1000;
/** Frames that come within this time are folded and drawn together. */
const FLUSH_MS = 100;

export type Reading = { log: RunLog; isComplete: boolean; error: unknown; retry: () => void };

type RunLogOptions = {
  /** Whether the head says that the run has ended: its last events exist then, though no frame told of them. */
  isEnded: boolean;
  /** Called when frames have changed the log. */
  onEvents: () => void;
};

export function useRunLog(runId: string, { isEnded, onEvents }: RunLogOptions): Reading {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const [log, setLog] = useState(EMPTY_LOG);
  const [error, setError] = useState<unknown>();
  const [isComplete, setComplete] = useState(false);
  const reader = useRef<LogReader>(undefined);
  const changed = useEffectEvent(onEvents);
  useEffect(() => {
    const listPage = (after: number, signal: AbortSignal) =>
      client.runs.events.query({ runId, after, includeToolCalls: true, limit: PAGE }, { signal });
    const current = new LogReader(listPage, {
      onLog: (next, isLive) => {
        setLog(next);
        if (isLive) changed();
      },
      onComplete: () => setComplete(true),
      onError: setError,
    });
    reader.current = current;
    setLog(EMPTY_LOG);
    setComplete(false);
    void current.read();
    return () => current.stop();
  }, [client, runId]);
  const isLive = isComplete && !log.end;
  const lacksEnd = isEnded && isLive;
  useEffect(() => {
    if (lacksEnd) void reader.current?.read();
  }, [lacksEnd]);
  const after = log.lastSeq;
  useLive(isLive ? { kind: 'run', workspaceId, runId, after } : undefined, {
    onFrame: (frame) => reader.current?.add(frame as RunEvent | ProgressFrame),
    onCatchUp: () => void reader.current?.read(),
  });
  return { log, isComplete, error, retry: () => void reader.current?.read() };
}

type ListPage = (
  after: number,
  signal: AbortSignal,
) => Promise<{ events: RunEvent[]; eventsTruncated?: boolean | undefined }>;
type ReaderListener = {
  onLog(log: RunLog, isLive: boolean): void;
  /** All events that existed at the first reading are there. */
  onComplete(): void;
  onError(error: unknown): void;
};

/** Holds the log outside of React: frames come between renders. */
class LogReader {
  readonly #pending = new PendingEvents();
  readonly #abort = new AbortController();
  #log = EMPTY_LOG;
  #reading: Promise<void> | undefined;
  #mustReadAgain = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listPage: ListPage,
    private readonly listener: ReaderListener,
  ) {}

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  /** Reads everything after the newest known event. A call during a reading makes it read once more. */
  read(): Promise<void> {
    if (this.#reading) this.#mustReadAgain = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
      if (this.#mustReadAgain && !this.#log.end && !this.#abort.signal.aborted) {
        this.#mustReadAgain = false;
        void this.read();
      }
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      this.listener.onError(undefined);
      while (!this.#log.end && (await this.#readPage()));
      if (this.#abort.signal.aborted) return;
      this.listener.onComplete();
      this.#flush();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.listener.onError(error);
    }
  }

  /** @returns whether more may follow */
  async #readPage(): Promise<boolean> {
    const { events, eventsTruncated } = await this.listPage(this.#log.lastSeq, this.#abort.signal);
    if (this.#abort.signal.aborted) return false;
    const next = foldEvents(this.#log, events);
    if (next !== this.#log) this.#set(next, false);
    return events.length > 0 && (events.length === PAGE || eventsTruncated === true);
  }

  /** A frame of the stream. */
  add(frame: RunEvent | ProgressFrame): void {
    this.#pending.add(frame);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { events, progress, hasGap } = this.#pending.take(this.#log.lastSeq);
    const next = foldProgress(foldEvents(this.#log, events), progress);
    if (next !== this.#log) this.#set(next, events.length > 0);
    if (hasGap && !this.#reading) void this.read();
  }

  #set(log: RunLog, isLive: boolean): void {
    this.#log = log;
    this.listener.onLog(log, isLive);
  }
}
