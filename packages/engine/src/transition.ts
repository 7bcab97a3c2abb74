import { isTerminal, type Json, mayBecome, type NewRunEvent, type RunError, RunStatus } from '@errand/contracts';
import {
  type EventRow,
  type LedgerEntry,
  type Move,
  type Moves,
  moveRun,
  type NewWaiting,
  type Runner,
  type RunScope,
  type StoredPlan,
  type UsageDelta,
} from '@errand/db';
import { type StoredCall, toDraft } from './frame.ts';

/** One step in the life of a run. */
export type Change = {
  to: RunStatus;
  /** `status` is what the run was when the event happened, where that is not `to`. */
  events: readonly { event: NewRunEvent; calls?: readonly StoredCall[]; status?: RunStatus }[];
  ledger?: readonly LedgerEntry[];
  usage?: UsageDelta;
  plan?: StoredPlan;
  forgetRepeat?: boolean;
  /** Questions to humans. */
  waiting?: readonly NewWaiting[];
  /** Its open questions are void. */
  voidWaiting?: boolean;
  /** Lets go of the run, unless something happened meanwhile: then nothing is changed. */
  release?: boolean;
  /** Present exactly when `to` is terminal. */
  end?: { result: Json | undefined; error: RunError | null };
};

/** Who changes the run: an activation by its epoch, or a caller outside any (null), who ends that activation by it. */
export type Writer = { runId: string; status: RunStatus; epoch: number | null };

/** A scope whose moves may be written together with those of other runs. */
export type MovingScope = RunScope & { readonly moves?: Moves };

/** Tells streams and other processes of appended events. */
export type Publish = (workspaceId: string, runId: string, rows: readonly EventRow[]) => void;

const sources = Object.fromEntries(
  RunStatus.options.map((to) => [to, RunStatus.options.filter((from) => !isTerminal(from) && mayBecome(from, to))]),
) as Record<RunStatus, RunStatus[]>;

/**
 * The one place where a run's status, events, plan and ledger change: checks the table of legal changes, then writes all of
 * it in one statement and tells the streams.
 * @returns whether it was applied; false means that the run has moved on without this writer, who must stop
 */
export async function transition(
  scope: MovingScope,
  publish: Publish,
  writer: Writer,
  change: Change,
  runner?: Runner,
): Promise<boolean> {
  if (isTerminal(writer.status) || !mayBecome(writer.status, change.to)) {
    throw new Error(`A run cannot go from ${writer.status} to ${change.to}.`);
  }
  if (isTerminal(change.to) !== (change.end !== undefined)) throw new Error('A run ends with an end, and only then.');
  const drafts = change.events.map(({ event, calls, status }) => toDraft(status ?? change.to, event, calls));
  const move: Move = {
    runId: writer.runId,
    epoch: writer.epoch,
    from: sources[change.to],
    to: change.to,
    events: drafts,
    ledger: change.ledger,
    usage: change.usage,
    plan: change.plan,
    forgetRepeat: change.forgetRepeat,
    waiting: change.waiting,
    voidWaiting: change.voidWaiting,
    release: change.release,
    end: change.end && { result: change.end.result, error: change.end.error as Json },
  };
  const moved = await (runner || !scope.moves ? moveRun(scope, move, runner) : scope.moves.apply(scope, move));
  if (!moved) return false;
  const first = moved.seq - drafts.length + 1;
  if (drafts.length > 0) {
    publish(
      scope.workspaceId,
      writer.runId,
      drafts.map((draft, i) => ({ ...draft, seq: first + i, createdAt: moved.createdAt })),
    );
  }
  return true;
}
