import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema, Plan, ToolSpec } from '@errand/contracts';
import { plainPath } from '../sandbox/plain-path.ts';
import { branchesOf, resolved } from '../schema/schema-at.ts';

type Schema = Record<string, unknown>;

/** What descriptions say about a path. `there`: its schemas. `absent`: its first name that is not there, and the names that are. */
export type Look = { there: readonly unknown[]; tool: ToolSpec } | { absent: string; known: string[]; tool: ToolSpec };

const SCALARS = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'null']);
/** Schemas that one place may have, by its combinators. */
const MAX_BRANCHES = 50;

/** What the output schemas of its tools say about what the steps of a plan give. */
export class DescribedOutputs {
  /** By step id: its tool, and where in the tool's answer the output of the step is (`pages` gives the items). */
  readonly #steps: ReadonlyMap<string, { tool: ToolSpec; within: readonly string[] }>;

  constructor(plan: Plan, tools: ReadonlyMap<string, ToolSpec>) {
    this.#steps = new Map(
      plan.steps.flatMap(({ id, tool: name, pages }) => {
        const tool = tools.get(name);
        const within = pages
          ? plainPath(pages.items.$)
              ?.slice(1)
              .filter((part) => typeof part === 'string')
          : [];
        return tool?.outputSchema && within ? [[id, { tool, within }] as const] : [];
      }),
    );
  }

  /**
   * Follows a path of member names, through lists as JSONata does.
   * @param path such as [steps, deals, output, items, id]
   * @returns undefined when it cannot be told what is there
   */
  look([root, id, output, ...names]: readonly string[]): Look | undefined {
    const step = root === 'steps' && output === 'output' ? this.#steps.get(id!) : undefined;
    if (step === undefined) return undefined;
    const { tool, within } = step;
    let there: readonly unknown[] = [tool.outputSchema];
    for (const name of [...within, ...names]) {
      const objects = objectsAt(there, tool.outputSchema!);
      if (objects === undefined) return undefined;
      const members = objects.map(({ properties }) => properties as Schema);
      there = members.flatMap((known) => (Object.hasOwn(known, name) ? [known[name]] : []));
      if (there.length === 0) return { absent: name, known: [...new Set(members.flatMap(Object.keys))], tool };
    }
    return { there, tool };
  }
}

/** The object schemas at some places, through lists and combinators; undefined when there may be members that none of them lists. */
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

/** The schemas of the values at some places, where a list stands for its items. A combinator stands beside its branches. */
function* schemasAt(places: readonly unknown[], root: JsonSchema): Generator<unknown> {
  const stack = [...places];
  for (let seen = 0; stack.length > 0; seen++) {
    const schema = resolved(stack.pop(), root);
    if (!isRecord(schema) || seen > MAX_BRANCHES) {
      yield undefined;
      return;
    }
    stack.push(...branchesOf(schema));
    if (isRecord(schema.items)) stack.push(schema.items);
    else yield schema;
  }
}

/** The types of the values at some places, where a list stands for its items; undefined when they are not told. */
export function typesAt(places: readonly unknown[], root: JsonSchema): Set<string> | undefined {
  const types = new Set<string>();
  for (const schema of schemasAt(places, root)) {
    if (!isRecord(schema)) return undefined;
    const own = Array.isArray(schema.type) ? schema.type : [schema.type];
    if (!own.every((type) => typeof type === 'string' && type !== 'array')) {
      if (schema.allOf || schema.anyOf || schema.oneOf) continue;
      return undefined;
    }
    for (const type of own) types.add(type as string);
    if (schema.nullable === true) types.add('null');
  }
  return types;
}

const isScalar = (type: unknown): boolean =>
  Array.isArray(type) ? type.length > 0 && type.every((one) => SCALARS.has(one)) : SCALARS.has(type);
