import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema, Plan, ToolSpec } from '@errand/contracts';
import { namesOf, plainPath } from '../sandbox/plain-path.ts';
import { branchesOf, resolveReference } from '../schema/schema-at.ts';

type Schema = Record<string, unknown>;

/** A path in the tools' descriptions. `there`: its schemas. `absent`: its first undescribed name, and the described ones. */
export type DescribedPath =
  | { schemas: readonly unknown[]; tool: ToolSpec }
  | { missingName: string; describedNames: string[]; tool: ToolSpec };

const SCALARS = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'null']);
/** Maximum number of schemas of one place, through combinators. */
const MAX_BRANCHES = 50;

/** The described outputs of a plan's steps, by the output schemas of their tools. */
export class DescribedOutputs {
  /** By step id: its tool, and the path to the step's output in the tool's answer (`pages` gives the items). */
  readonly #steps: ReadonlyMap<string, { tool: ToolSpec; within: readonly string[] }>;

  constructor(plan: Plan, tools: ReadonlyMap<string, ToolSpec>) {
    this.#steps = new Map(
      plan.steps.flatMap(({ id, tool: name, pages }) => {
        const tool = tools.get(name);
        const itemsPath = pages ? plainPath(pages.items.$) : [];
        const within = itemsPath && namesOf(itemsPath).slice(1);
        return tool?.outputSchema && within ? [[id, { tool, within }] as const] : [];
      }),
    );
  }

  /**
   * Follows a path of member names, through lists as JSONata does.
   * @param path such as [steps, deals, output, items, id]
   * @returns undefined when the descriptions do not decide
   */
  find([root, id, output, ...names]: readonly string[]): DescribedPath | undefined {
    const step = root === 'steps' && output === 'output' ? this.#steps.get(id!) : undefined;
    if (step === undefined) return undefined;
    const { tool, within } = step;
    let there: readonly unknown[] = [tool.outputSchema];
    for (const name of [...within, ...names]) {
      const objects = objectsAt(there, tool.outputSchema!);
      if (objects === undefined) return undefined;
      const members = objects.map(({ properties }) => properties as Schema);
      there = members.flatMap((properties) => (Object.hasOwn(properties, name) ? [properties[name]] : []));
      if (there.length === 0)
        return { missingName: name, describedNames: [...new Set(members.flatMap(Object.keys))], tool };
    }
    return { schemas: there, tool };
  }
}

/** The object schemas at some places, through lists and combinators; undefined when an object may have members beyond those it lists. */
function objectsAt(places: readonly unknown[], root: JsonSchema): Schema[] | undefined {
  const objects: Schema[] = [];
  for (const schema of schemasAt(places, root)) {
    if (!isRecord(schema)) return undefined;
    if (schema.patternProperties || (schema.additionalProperties ?? false) !== false) return undefined;
    const listed = isRecord(schema.properties) && Object.keys(schema.properties).length > 0;
    if (listed) objects.push(schema);
    else if (!schema.allOf && !schema.anyOf && !schema.oneOf && !isScalar(schema.type)) return undefined;
  }
  return objects;
}

/** The schemas of the values at some places. A list is replaced by its items; a combinator is followed by its branches. */
function* schemasAt(places: readonly unknown[], root: JsonSchema): Generator<unknown> {
  const stack = [...places];
  for (let visited = 0; stack.length > 0; visited++) {
    const schema = resolveReference(stack.pop(), root);
    if (!isRecord(schema) || visited > MAX_BRANCHES) {
      yield undefined;
      return;
    }
    stack.push(...branchesOf(schema));
    if (isRecord(schema.items)) stack.push(schema.items);
    else yield schema;
  }
}

/** The types of the values at some places, lists replaced by their items; undefined when they are not described. */
export function typesAt(places: readonly unknown[], root: JsonSchema): Set<string> | undefined {
  const types = new Set<string>();
  for (const schema of schemasAt(places, root)) {
    if (!isRecord(schema)) return undefined;
    const schemaTypes = Array.isArray(schema.type) ? schema.type : [schema.type];
    if (!schemaTypes.every((type) => typeof type === 'string' && type !== 'array')) {
      if (schema.allOf || schema.anyOf || schema.oneOf) continue;
      return undefined;
    }
    for (const type of schemaTypes) types.add(type as string);
    if (schema.nullable === true) types.add('null');
  }
  return types;
}

const isScalar = (type: unknown): boolean =>
  Array.isArray(type) ? type.length > 0 && type.every((name) => SCALARS.has(name)) : SCALARS.has(type);
