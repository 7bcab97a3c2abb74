// Live streams in components.
import { useEffect, useEffectEvent } from 'react';
import { useStore } from '../session/store.ts';
import { type Demand, keyOf, type StreamState } from './demand.ts';
import { type Connection, connection, type Listener, listen } from './tab.ts';

/** How often a page reads again while no connection is free for its stream. */
const POLL_MS = 5_000;

type FrameOf<D extends Demand> = D['kind'] extends 'runs'
  ? import('./demand.ts').RunFrame
  : D['kind'] extends 'pending'
    ? import('./demand.ts').PendingFrame
    : import('./demand.ts').EventFrame;

export type Following<D extends Demand> = {
  onFrame(frame: FrameOf<D>): void;
  /** Read now what may have happened before or between frames. */
  onCatchUp(): void;
};

/** Follows a stream while the component is shown; nothing without a demand. */
export function useLive<D extends Demand>(demand: D | undefined, following: Following<D>): void {
  const onFrame = useEffectEvent(following.onFrame);
  const onCatchUp = useEffectEvent(following.onCatchUp);
  const key = demand && keyOf(demand);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a demand with the same key is the same stream
  useEffect(() => {
    if (!demand) return;
    let timer: ReturnType<typeof setInterval> | undefined;
    const onState = (state: StreamState) => {
      clearInterval(timer);
      if (state === 'polling' || state === 'refused') timer = setInterval(() => onCatchUp(), POLL_MS);
      if (state !== 'connecting') onCatchUp();
    };
    const stop = listen(demand, { onFrame: onFrame as Listener['onFrame'], onState });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [key]);
}

export const useConnection = (): Connection => useStore(connection);
