import type { Json, JsonSchema, RunActionInput } from '@errand/contracts';
import { type ActionDraft, type RunScope, readOutcome, type StoredAction } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { changeAction, draftAction, toActionView } from './draft-action.ts';
import { prepareAction, replanAction } from './run-action.ts';

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
    change: (workspaceId: string, action: ActionDraft, schemas: Parameters<typeof changeAction>[2]) =>
      changeAction(action, sandbox.for(workspaceId), schemas),

    /** The plan of an action, as JSON and as text, and the values that are or may be inputs. */
    view: (workspaceId: string, action: ActionDraft) => toActionView(scopeOf(workspaceId), toolbox, action),

    /** The input and plan of a run of the action, for `create`. @throws ProblemError action_paused, action_stale, validation_failed */
    prepare: (workspaceId: string, action: StoredAction, request: RunActionInput) =>
      prepareAction(scopeOf(workspaceId), depsOf(workspaceId), action, request),

    /** The status and result of a run; null if not found. */
    outcome: (workspaceId: string, runId: string) => readOutcome(scopeOf(workspaceId), runId),

    /** The action with the plan of a replanned run. @throws ProblemError when that plan does not take the same inputs */
    replan: (
      workspaceId: string,
      run: { action: StoredAction; runId: string; input?: { [name: string]: Json } | undefined },
    ) => replanAction(scopeOf(workspaceId), depsOf(workspaceId), run),
  };
}
