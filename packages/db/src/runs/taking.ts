import type { Claimed } from './claim.ts';
import type { EventDraft } from './events.ts';

/** Who may take a run by the statement that makes it due: the name for its lease, the slots of a workspace, and the event of its start. */
export type Taker = { worker: string; slots: number; start: EventDraft };

/** A run that a statement made due; `taken` when it took it, too. */
export type MadeDue = { runId: string; taken: Claimed | null };
