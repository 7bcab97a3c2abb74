import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema, Plan, PlanStep } from '@errand/contracts';
import type { Reading, Site } from '../../reading/reading.ts';
import type { Use } from '../../sandbox/expression/uses.ts';
import { plainPath } from '../../sandbox/plain-path.ts';
import { branchesOf, resolved } from '../../schema/schema-at.ts';

/** A use of a value, with its expression and all uses in it. `path` begins at a step; `item` is resolved to the list of its step. */
export type PlacedUse = Use & { site: Site; beside: readonly PlacedUse[] };

/** All operations of a plan's expressions on the outputs of steps. */
export function usesOf({ sites, analyses }: Reading): PlacedUse[] {
  return sites.flatMap((site) => {
    const analysis = analyses.get(site.expression);
    if (!analysis?.ok) return [];
    const members = site.part === 'forEach' ? analysis.members.map((path): Use => ({ path, by: 'loop' })) : [];
    const beside: PlacedUse[] = [];
    for (const use of [...analysis.uses, ...members]) {
      const path = use.path[0] === 'item' ? itemPath(use.path, site.step) : use.path;
      if (path) beside.push({ ...use, path, site, beside });
    }
    return beside;
  });
}

function itemPath([, ...names]: readonly string[], step: PlanStep | undefined): readonly string[] | undefined {
  const list = step?.forEach && plainPath(step.forEach.$.trim().replace(/^\[(.*)\]$/s, '$1'));
  return list ? [...list.filter((part) => typeof part === 'string'), ...names] : undefined;
}

/** Maximum number of schemas read for one tool. */
const MAX_SCHEMAS = 500;

/** The schemas of the members of an object and its nested objects, by dotted names, with all branches of combinators. */
export function membersOf(schema: unknown, root: JsonSchema): Map<string, unknown> {
  const members = new Map<string, unknown>();
  collectMembers(schema, { root, members, visited: new Set() }, { depth: 2, prefix: '' });
  return members;
}

function collectMembers(
  schema: unknown,
  walk: { root: JsonSchema; members: Map<string, unknown>; visited: Set<unknown> },
  { depth, prefix }: { depth: number; prefix: string },
): void {
  const here = resolved(schema, walk.root);
  if (!isRecord(here) || walk.visited.has(here) || walk.visited.size > MAX_SCHEMAS) return;
  walk.visited.add(here);
  for (const branch of branchesOf(here)) collectMembers(branch, walk, { depth, prefix });
  for (const [name, member] of Object.entries(isRecord(here.properties) ? here.properties : {})) {
    if (!walk.members.has(prefix + name)) walk.members.set(prefix + name, member);
    if (depth > 0) collectMembers(member, walk, { depth: depth - 1, prefix: `${prefix}${name}.` });
  }
}

/** Caches a function by its argument: a plan may use a list thousands of times. */
export function remembered<K, V>(compute: (key: K) => V): (key: K) => V {
  const cache = new Map<K, V>();
  return (key) => {
    if (!cache.has(key)) cache.set(key, compute(key));
    return cache.get(key)!;
  };
}

export const stepOf = ({ steps }: Plan, id: string | undefined): PlanStep | undefined =>
  steps.find((step) => step.id === id);
