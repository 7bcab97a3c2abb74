import type { CallInWords, Json, PlanStep, ToolSpec } from '@errand/contracts';
import type { LedgerEntry } from '@errand/db';

/** A call with these arguments in words. */
export type TellCall = (args: Json) => Promise<CallInWords>;

/** One call in flight. `mayHaveHappened`: an earlier attempt at it may have taken effect, whatever the outcome of this one. */
export type Call = { entry: LedgerEntry; step: PlanStep; tool: ToolSpec; mayHaveHappened: boolean; tell: TellCall };
