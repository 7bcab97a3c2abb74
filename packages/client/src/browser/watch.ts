// The events of a run.
import type { RunEvent } from '@errand/contracts';
import { follow, type StreamContext, type StreamOptions } from './follow.ts';

export type WatchOptions = StreamOptions & {
  /** Only events after the one with this `seq`; 0, the default, is all of them. */
  after?: number | undefined;
};

export async function* watchRun(
  context: StreamContext,
  url: string,
  { after = 0, ...options }: WatchOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  let lastSeq = after;
  const lastEventId = () => (lastSeq > 0 ? String(lastSeq) : undefined);
  for await (const event of follow(context, { ...options, url, lastEventId })) {
    if (typeof event !== 'object' || !isEvent(event) || event.seq <= lastSeq) continue;
    lastSeq = event.seq;
    yield event;
    if (event.type === 'end') return;
  }
}

const isEvent = (frame: object): frame is RunEvent => 'seq' in frame;
