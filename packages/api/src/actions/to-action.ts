import type { Action, ActionDetails } from '@errand/contracts';
import type { ActionHead, StoredAction } from '@errand/db';
import type { Context } from '../context.ts';
import { orNotFound } from '../problems.ts';

/** An action in the form of the API. */
export const toAction = ({ key, intent, outputSchema, inputSchema, ...action }: ActionHead): Action => ({
  key,
  intent,
  ...(outputSchema && { outputSchema }),
  ...(inputSchema && { inputSchema }),
  useDefaultMapping: action.defaultMapping,
  state: action.active ? 'active' : 'paused',
  madeBy: action.madeBy,
  runId: action.runId,
  customerIntegrationIds: [...action.calls],
  updatedAt: action.updatedAt.toISOString(),
  createdAt: action.createdAt.toISOString(),
});

/** The stored action of a key. @throws ProblemError not_found */
export const findAction = async ({ workspaceDb }: Context, key: string): Promise<StoredAction> =>
  orNotFound(await workspaceDb.actions.get(key), 'action');

/** A stored action with its plan and its inputs. @throws ProblemError not_found */
export async function actionDetails(ctx: Context, key: string): Promise<ActionDetails> {
  const action = await findAction(ctx, key);
  const view = await ctx.deps.engine.actions.view(ctx.principal.workspaceId, action);
  const approvalStrategy = action.approvalStrategy as ActionDetails['approvalStrategy'];
  return { ...toAction(action), approvalStrategy, ...view };
}
