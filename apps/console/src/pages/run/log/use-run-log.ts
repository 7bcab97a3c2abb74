// Reads the log of a run by pages, then follows its stream.
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useLive } from '../../../live/use-live.ts';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import { EMPTY_LOG, type ProgressFrame, type RunEvent, type RunLog } from './log.ts';
import { LogReader, PAGE } from './log-reader.ts';

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
