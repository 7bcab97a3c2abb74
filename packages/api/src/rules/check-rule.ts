import { type ErrorCode, type JsonSchema, problem } from '@errand/contracts';
import type { Context } from '../context.ts';

const YEAR_MS = 366 * 86_400_000;

/**
 * Checks when a rule ends, and its schema.
 * @param pointers where they stand in the input
 * @throws ProblemError validation_failed, schema_*
 */
export async function checkRule(
  { deps, principal }: Context,
  { expiresAt, argsSchema }: { expiresAt: Date; argsSchema?: JsonSchema },
  pointers: { expiresAt: string; argsSchema: string },
): Promise<void> {
  const ahead = expiresAt.getTime() - Date.now();
  if (ahead <= 0) throw invalid(pointers.expiresAt, 'Must be in the future.');
  if (ahead > YEAR_MS) throw invalid(pointers.expiresAt, 'Must be within a year from now.');
  if (!argsSchema) return;
  const fault = await deps.sandbox.for(principal.workspaceId).checkSchema(argsSchema);
  if (fault.ok) return;
  throw problem(fault.code as ErrorCode, fault.message, {
    errors: [{ pointer: `${pointers.argsSchema}${fault.pointer}`, message: fault.message }],
  });
}

const invalid = (pointer: string, message: string) =>
  problem('validation_failed', 'The rule cannot end then.', { errors: [{ pointer, message }] });
