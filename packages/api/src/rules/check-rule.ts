import { type ErrorCode, type JsonSchema, problem } from '@errand/contracts';
import type { Context } from '../context.ts';
import { invalidField } from '../problems.ts';

const YEAR_MS = 366 * 86_400_000;

/**
 * Checks the expiry and the schema of a rule.
 * @param pointers JSON pointers to both in the input
 * @throws ProblemError validation_failed, schema_*
 */
export async function checkRule(
  { deps, principal }: Context,
  { expiresAt, argsSchema }: { expiresAt: Date; argsSchema?: JsonSchema },
  pointers: { expiresAt: string; argsSchema: string },
): Promise<void> {
  const ahead = expiresAt.getTime() - Date.now();
  if (ahead <= 0) throw invalidField(pointers.expiresAt, 'The rule must expire in the future.');
  if (ahead > YEAR_MS) throw invalidField(pointers.expiresAt, 'The rule must expire within a year from now.');
  if (!argsSchema) return;
  const fault = await deps.sandbox.for(principal.workspaceId).checkSchema(argsSchema);
  if (fault.ok) return;
  throw problem(fault.code as ErrorCode, fault.message, {
    errors: [{ pointer: `${pointers.argsSchema}${fault.pointer}`, message: fault.message }],
  });
}
