import { isTerminal, isWaiting, type RunStatus } from '@errand/contracts';
import { type RunScope, readHead } from '@errand/db';
import type { Hub } from './hub.ts';

export type WaitOptions = {
  signal?: AbortSignal | undefined;
  /** Also resolves when the run waits for a human. */
  orAsks?: boolean;
};

export async function waitForRun(
  scope: RunScope,
  hub: Hub,
  runId: string,
  { ms, signal, orAsks = false }: WaitOptions & { ms: number },
): Promise<void> {
  const head = await readHead(scope, runId);
  const isOver = (status: RunStatus) => isTerminal(status) || (orAsks && isWaiting(status));
  if (!head || isOver(head.status)) return;
  const limit = AbortSignal.timeout(Math.ceil(ms));
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  const after = orAsks ? head.seq : 0;
  for await (const frame of hub.channelOf(scope, runId).follow(after, either))
    if (frame.type === 'end' || (orAsks && isWaiting(frame.runStatus))) return;
}
