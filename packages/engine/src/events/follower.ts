import { ProgressQueue } from './progress-queue.ts';
import type { Frame } from './stream-frame.ts';

/** One reader that follows a run. */
export type Follower = {
  queue: Frame[];
  bytes: number;
  behind: boolean;
  wake: (() => void) | null;
  /** Calls under way that it has not been shown; null when it wants none. */
  progress: ProgressQueue | null;
};

/** A follower that has read nothing. */
export const newFollower = (wantsProgress: boolean): Follower => ({
  ...{ queue: [], bytes: 0, behind: true, wake: null },
  progress: wantsProgress ? new ProgressQueue() : null,
});

/** What a follower is shown. `hint`: it is no event, and stands under the number of the event before it. */
export type StreamItem = Pick<Frame, 'seq' | 'type' | 'runStatus' | 'text'> & { hint?: true };
