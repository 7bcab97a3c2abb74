import type { Json, JsonSchema, RunActionInput } from '@errand/contracts';
import { type ActionDraft, type RunScope, readOutcome, type StoredAction } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { changedAction, draftAction, viewOf } from './keep-action.ts';
import { prepareAction, replanned } from './run-action.ts';

/** Makes and runs actions; the caller stores them. */
export function actionsOf(
  scopeOf: (workspaceId: string) => RunScope,
  { toolbox, sandbox }: { toolbox: Toolbox; sandbox: Sandbox },
) {
  const depsOf = (workspaceId: string) => ({ toolbox, sandbox: sandbox.for(workspaceId) });
  return {
    /** Makes an action of a run. @throws ProblemError not_found, plan_not_repeatable, tools_changed, validation_failed, schema_* */
    draft: (workspaceId: string, source: { runId: string; inputSchema?: JsonSchema }) =>
      draftAction(scopeOf(workspaceId), depsOf(workspaceId), source),

    /** Changes the schemas of an action; null resets to the default. @throws ProblemError validation_failed, schema_* */
    change: (workspaceId: string, action: ActionDraft, schemas: Parameters<typeof changedAction>[2]) =>
      changedAction(action, sandbox.for(workspaceId), schemas),

    /** The plan of an action, as JSON and as text, and the values that are or may be inputs. */
    view: (workspaceId: string, action: ActionDraft) => viewOf(scopeOf(workspaceId), toolbox, action),

    /** The input and plan of a run of the action, for `create`. @throws ProblemError action_paused, action_stale, validation_failed */
    prepare: (workspaceId: string, action: StoredAction, request: RunActionInput) =>
      prepareAction(scopeOf(workspaceId), depsOf(workspaceId), action, request),

    /** The status and result of a run; null if not found. */
    outcome: (workspaceId: string, runId: string) => readOutcome(scopeOf(workspaceId), runId),

    /** The action with the plan of a replanned run. @throws ProblemError when that plan does not take the same inputs */
    replanned: (
      workspaceId: string,
      run: { action: StoredAction; runId: string; input?: { [name: string]: Json } | undefined },
    ) => replanned(scopeOf(workspaceId), depsOf(workspaceId), run),
  };
}
