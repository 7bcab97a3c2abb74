import { isTerminal, mayBecome, type RunStatus } from '@errand/contracts';
import {
  applyTransition,
  type EventRow,
  type Runner,
  type RunScope,
  type RunWriter,
  type Transition,
  type Transitions,
} from '@errand/db';

/** Who changes the run: an activation by its epoch, or a caller outside any (null), who ends that activation by it. */
export type Writer = RunWriter & { status: RunStatus };

/** A scope whose transitions may be written together with those of other runs. */
export type WritingScope = RunScope & { readonly transitions?: Transitions };

/** Tells streams and other processes of appended events. */
export type Publish = (workspaceId: string, runId: string, rows: readonly EventRow[]) => void;

/**
 * The one place where a run's status, events, plan and ledger change: checks the table of legal changes, then writes all of
 * it in one statement and tells the streams.
 * @returns whether it was applied; false means that the run has moved on without this writer, or became due where it was to rest
 */
export async function transition(
  scope: WritingScope,
  publish: Publish,
  writer: Writer,
  change: Transition,
  runner?: Runner,
): Promise<boolean> {
  if (isTerminal(writer.status) || !mayBecome(writer.status, change.to)) {
    throw new Error(`A run cannot go from ${writer.status} to ${change.to}.`);
  }
  if (isTerminal(change.to) !== (change.end !== undefined)) throw new Error('A run ends with an end, and only then.');
  const { events } = change;
  const applied = await (runner || !scope.transitions
    ? applyTransition(scope, writer, change, runner)
    : scope.transitions.apply(scope, writer, change));
  if (!applied) return false;
  const first = applied.seq - events.length + 1;
  if (events.length > 0) {
    publish(
      scope.workspaceId,
      writer.runId,
      events.map((draft, i) => ({ ...draft, seq: first + i, createdAt: applied.createdAt })),
    );
  }
  return true;
}
