import { isLegalTransition, isTerminal, type RunStatus } from '@errand/contracts';
import {
  applyTransition,
  type EndedRun,
  type EventRow,
  type RunScope,
  type RunWriter,
  type Transition,
  type Transitions,
} from '@errand/db';
import type { CommittedChange } from '../observation/report.ts';

export type RunRef = { workspaceId: string; runId: string };

/** The writer of a transition: an activation with its epoch, or null for a caller, which ends the activation by its write. */
export type TransitionWriter = RunWriter & { status: RunStatus };

/** A scope with transitions that may be applied in a batch with those of other runs. */
export type WritingScope = RunScope & { readonly transitions?: Transitions };

/** Sends appended events to streams, notifies other processes, and reports the change to the observer. */
export type Publish = (run: RunRef, rows: readonly PublishedEvent[], change?: CommittedChange) => void;

/** A committed event. `ended`: with the event `end`, the state of its run. */
export type PublishedEvent = EventRow & { readonly ended?: EndedRun };

/**
 * Applies a transition: the only code that changes the status, events, plan and ledger of a run. It rejects illegal changes, writes
 * everything in one statement and publishes the events.
 * @returns false when the writer no longer holds the run, or the run became due and is not suspended
 */
export async function transition(
  { scope, publish }: { scope: WritingScope; publish: Publish },
  writer: TransitionWriter,
  change: Transition,
): Promise<boolean> {
  if (isTerminal(writer.status) || !isLegalTransition(writer.status, change.to)) {
    throw new Error(`A run cannot go from ${writer.status} to ${change.to}.`);
  }
  if (isTerminal(change.to) !== (change.end !== undefined)) throw new Error('A run ends with an end, and only then.');
  const { events } = change;
  const applied = await (scope.transitions
    ? scope.transitions.apply(scope, writer, change)
    : applyTransition(scope, writer, change));
  if (!applied) return false;
  const first = applied.seq - events.length + 1;
  if (events.length > 0) {
    publish(
      { workspaceId: scope.workspaceId, runId: writer.runId },
      events.map((draft, i) => ({
        ...draft,
        seq: first + i,
        createdAt: applied.createdAt,
        ...(applied.ended && draft.type === 'end' && { ended: applied.ended }),
      })),
      toCommittedChange(change, applied.ended),
    );
  }
  return true;
}

function toCommittedChange(
  { to, end, decisionRequests: asked }: Transition,
  ended: EndedRun | null | undefined,
): CommittedChange {
  const { code } = (end?.error ?? {}) as { code?: string };
  return { asked, ended: end && ended ? { status: to, code, ...ended } : undefined };
}
