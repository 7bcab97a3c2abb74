import { type contract, type ErrorCode, problem } from '@errand/contracts';
import type { Context, Handler } from '../context.ts';
import { found } from '../found.ts';

const YEAR_MS = 366 * 86_400_000;

/** Lets calls of a tool pass without approval if their arguments fit, until the rule expires. */
export const createRule: Handler<typeof contract.approvalRules.create> = async ({ input, ctx }) => {
  const { argsSchema, ...rule } = input;
  const expiresAt = new Date(rule.expiresAt);
  const ahead = expiresAt.getTime() - Date.now();
  if (ahead <= 0) throw invalid('Must be in the future.');
  if (ahead > YEAR_MS) throw invalid('Must be within a year from now.');
  if (argsSchema) await checkSchema(ctx, argsSchema);
  const draft = { ...rule, argsSchema, expiresAt };
  const made = found(await ctx.workspaceDb.rules.create(draft), 'tool');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return made;
};

const invalid = (message: string) =>
  problem('validation_failed', 'The rule cannot end then.', { errors: [{ pointer: '/expiresAt', message }] });

async function checkSchema({ deps, principal }: Context, schema: Record<string, unknown>): Promise<void> {
  const fault = await deps.sandbox.for(principal.workspaceId).checkSchema(schema);
  if (fault.ok) return;
  throw problem(fault.code as ErrorCode, fault.message, {
    errors: [{ pointer: `/argsSchema${fault.pointer}`, message: fault.message }],
  });
}
