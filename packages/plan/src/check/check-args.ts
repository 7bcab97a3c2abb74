import type { Json, ToolSpec } from '@errand/contracts';
import { holesOf } from '../execute/template.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Complaint } from './complaint.ts';
import { sentence, TemplateWalk } from './template-walk.ts';

/** Checks a step's arguments against its tool's input schema as far as they are literal. What bindings give is checked when the step runs. */
export async function checkArgs(args: Json, tool: ToolSpec, pointer: string, sandbox: Sandbox): Promise<Complaint[]> {
  const asTool = { dialect: 'tool', closed: true } as const;
  if (holesOf(args).length === 0) {
    const verdict = await sandbox.validate(tool.inputSchema, args, asTool);
    if (verdict.ok) return [];
    if (verdict.fault !== undefined) {
      return [{ pointer, message: `The input schema of ${tool.name} cannot be used: ${verdict.fault.message}` }];
    }
  }
  const walk = new TemplateWalk({ schema: tool.inputSchema, ...asTool, owner: tool.name, sandbox });
  await walk.visit(args, tool.inputSchema, pointer);
  if (walk.complaints.length > 0 || holesOf(args).length > 0) return walk.complaints;
  // What the walk cannot name (combinators, dependencies) the validator has found.
  const verdict = await sandbox.validate(tool.inputSchema, args, asTool);
  return verdict.ok
    ? []
    : verdict.errors.map((error) => ({ pointer: pointer + error.pointer, message: sentence(error.message) }));
}
