import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';
import type { PlanAnalysis } from '../analysis/plan-analysis.ts';
import type { ValueKind } from '../sandbox/expression/result-kind.ts';
import { namesOf, plainPath } from '../sandbox/plain-path.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type Hole, holdsValue, holesOf } from '../template/template.ts';
import { TemplateWalk } from './check-args.ts';
import type { Complaint } from './complaint.ts';
import { type DescribedOutputs, typesAt } from './described.ts';

type Schema = Record<string, unknown>;
type Options = {
  outputSchema: JsonSchema | undefined;
  described: DescribedOutputs;
  sandbox: Sandbox;
  /** Whether a planner wrote the plan. It may not invent values, and the tools' descriptions are binding. */
  planned: boolean;
};

const TYPES: Record<ValueKind, string> = {
  truth: 'boolean',
  text: 'string',
  number: 'number',
  list: 'array',
  object: 'object',
};

/** Checks before any write whether the result comes from the steps and can fit the run's schema. */
export async function checkResult({ plan, analyses }: PlanAnalysis, options: Options): Promise<Complaint[]> {
  const { outputSchema, planned } = options;
  if (planned && plan.result !== undefined && holesOf(plan.result).length === 0 && holdsValue(plan.result)) {
    const message =
      'Nothing of this result comes from the steps. Bind what they give {"$": "steps.…"}, or leave result out: then it is the output of the last step.';
    return [{ pointer: '/result', message }];
  }
  if (outputSchema === undefined) return [];
  const complaints: Complaint[] = [];
  const onHole = (hole: Hole, schema: Schema): void => {
    const analysis = hole.kind === 'binding' ? analyses.get(hole.text) : undefined;
    const gives = hole.kind === 'text' ? 'text' : analysis?.ok ? analysis.resultKind : undefined;
    const message =
      (gives !== undefined && typeMismatch(new Set([TYPES[gives]]), schema)) ||
      (planned && outputMismatch(hole, schema, options));
    if (message) complaints.push({ pointer: hole.pointer, message });
  };
  const walk = new TemplateWalk({
    schema: outputSchema,
    dialect: 'draft-07',
    closed: false,
    owner: 'outputSchema',
    wrapsItems: true,
    onHole,
    sandbox: options.sandbox,
  });
  const lastOutput = { $: `steps.${plan.steps.at(-1)!.id}.output` };
  const result = plan.result === undefined && planned ? lastOutput : plan.result;
  if (result !== undefined) walk.visit(result, outputSchema, '/result');
  return [...(await walk.complaints()), ...complaints];
}

/** Why the output of a hole cannot fit, by its tool's description. */
function outputMismatch(hole: Hole, schema: Schema, { described, outputSchema }: Options): string | undefined {
  const path = hole.kind === 'binding' ? plainPath(hole.text) : undefined;
  const names = path && namesOf(path);
  const output = names && described.find(names);
  if (!output || 'missingName' in output) return undefined;
  const types = typesAt(output.schemas, output.tool.outputSchema!);
  const wrong = types && typeMismatch(types, schema);
  if (wrong) return wrong;
  const required = Array.isArray(schema.required) && typesOf(schema)?.has('array') !== true ? schema.required : [];
  const lacks = required.find((name) => {
    const member = described.find([...names, String(name)]);
    return member && 'missingName' in member;
  });
  if (lacks === undefined) return undefined;
  const root = schema === outputSchema ? 'outputSchema' : 'What stands here';
  return `${root} requires ${lacks}, and ${output.tool.name} is not described to return it there. Write an object that has it.`;
}

/** Why values of these types cannot fit a schema; undefined when one type may. */
function typeMismatch(types: ReadonlySet<string>, schema: Schema): string | undefined {
  const expectedTypes = typesOf(schema);
  // A single item is wrapped where a list is expected.
  if (expectedTypes === undefined || expectedTypes.has('array') || types.size === 0) return undefined;
  const number = (type: string) => (type === 'integer' ? 'number' : type);
  const fitting = new Set([...expectedTypes].map(number));
  if ([...types].some((type) => fitting.has(number(type)))) return undefined;
  return `outputSchema wants ${[...expectedTypes].join(' or ')} here, and this gives ${[...types].join(' or ')}. Convert it, or bind another value.`;
}

function typesOf(schema: Schema): Set<string> | undefined {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.every((type) => typeof type === 'string') && isRecord(schema) ? new Set(types as string[]) : undefined;
}
