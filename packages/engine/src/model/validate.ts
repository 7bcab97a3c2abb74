import { type ErrorCode, type Json, type JsonSchema, problem } from '@errand/contracts';
import type { Sandbox } from '@errand/plan';

/** The error about one member of a request. @param detail about the request as a whole */
export const invalid = (pointer: string, message: string, detail = message) =>
  problem('validation_failed', detail, { errors: [{ pointer, message }] });

/** @param field the member of the request with the schema @throws ProblemError schema_* */
export async function checkSchema(sandbox: Sandbox, schema: JsonSchema, field: string): Promise<void> {
  const fault = await sandbox.checkSchema(schema);
  if (fault.ok) return;
  const { code, message, pointer } = fault;
  throw problem(code as ErrorCode, message, { errors: [{ pointer: `/${field}${pointer}`, message }] });
}

/** @param at JSON pointer of the value in the request @throws ProblemError validation_failed with `detail` */
export async function checkValue(
  sandbox: Sandbox,
  schema: JsonSchema,
  value: Json,
  { at, detail, closed = true }: { at: string; detail: string; closed?: boolean },
): Promise<void> {
  const verdict = await sandbox.validate(schema, value, { dialect: 'tool', closed });
  if (verdict.ok) return;
  const errors = verdict.errors.map(({ pointer, message }) => ({ pointer: `${at}${pointer}`, message }));
  throw problem('validation_failed', detail, { errors });
}
