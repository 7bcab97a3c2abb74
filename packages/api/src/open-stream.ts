import { type CallerPrincipal, contract, holds } from '@errand/contracts';
import type { SseItem } from '@errand/trpc-openapi';
import type { Context } from './context.ts';

type Frame = { id: string; event: string; data: string; isTransient?: true };
type Frames = AsyncIterableIterator<Frame, void>;
type ItemStream<T> = AsyncIterableIterator<SseItem<T>, void>;
type Step<T> = IteratorResult<SseItem<T>, void>;

type StreamSource<T> = {
  /** Scopes that the key must keep while the stream is open. */
  scopes: readonly (string | null)[];
  toItem: (frame: Frame) => SseItem<T>;
  open: () => Frames | Promise<Frames>;
  /** Called when the stream ends for any reason; may be called twice. */
  onEnd?: () => void;
  /** Aborted when the caller disconnects. */
  signal: AbortSignal;
};

/**
 * Opens a stream in a slot of its key. The stream fails when the key loses a scope.
 * @throws ProblemError too_many_streams, and the errors of `open`
 */
export async function openStream<T>(
  { deps, principal, endTurn }: Context,
  { scopes, toItem, open, onEnd, signal }: StreamSource<T>,
): Promise<ItemStream<T>> {
  let frames: Frames | undefined;
  let revokedBy: Error | undefined;
  const freeSlot = await deps.streamSlots.acquire(principal, scopes, (reason) => {
    revokedBy = reason;
    void frames?.return?.();
    onEnd?.();
  });
  const release = () => {
    freeSlot();
    onEnd?.();
  };
  const fail = (error: unknown): never => {
    release();
    throw error;
  };
  const toStep = ({ done, value }: IteratorResult<Frame, void>): Step<T> => {
    if (!done) return { done, value: toItem(value) };
    release();
    if (revokedBy) throw revokedBy;
    return { done, value };
  };
  endTurn();
  signal.addEventListener('abort', release, { once: true });
  if (signal.aborted) release();
  try {
    frames = await open();
  } catch (error) {
    fail(error);
  }
  // Not a generator, which would keep the last frame in memory while it waits.
  const items: ItemStream<T> = {
    next: () => (revokedBy ? Promise.reject(revokedBy) : frames!.next().then(toStep, fail)),
    async return() {
      release();
      await frames?.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => items,
  };
  return items;
}

/** Scopes that add links or `mayDecide` to the items of a stream. A stream that began with one of them ends when the key loses it. */
export const decisionScopes = (principal: CallerPrincipal): (string | null)[] =>
  [contract.approvals.decide.scope, contract.integrations.authUrl.scope].filter((scope) => holds(principal, scope));
