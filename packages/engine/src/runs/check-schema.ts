import { type ErrorCode, type JsonSchema, problem } from '@errand/contracts';
import type { Sandbox } from '@errand/plan';

/** @param field the member of the request with the schema @throws ProblemError schema_* */
export async function checkSchema(sandbox: Sandbox, schema: JsonSchema, field: string): Promise<void> {
  const fault = await sandbox.checkSchema(schema);
  if (fault.ok) return;
  const { code, message, pointer } = fault;
  throw problem(code as ErrorCode, message, { errors: [{ pointer: `/${field}${pointer}`, message }] });
}
