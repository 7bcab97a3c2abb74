import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema, Plan, PlanStep } from '@errand/contracts';
import type { Use } from '../../sandbox/expression-uses.ts';
import { plainPath } from '../../sandbox/plain-path.ts';
import { resolved } from '../../schema/schema-at.ts';
import type { Reading, Site } from '../reading.ts';

/** A use of a value, with its expression and all uses in it. `path` begins at a step; `item` is resolved to the list of its step. */
export type PlacedUse = Use & { site: Site; beside: readonly PlacedUse[] };

/** All that the expressions of a plan do with the outputs of steps. */
export function usesOf({ sites, analyses }: Reading): PlacedUse[] {
  return sites.flatMap((site) => {
    const analysis = analyses.get(site.expression);
    if (!analysis?.ok) return [];
    const own = site.part === 'forEach' ? analysis.members.map((path): Use => ({ path, by: 'loop' })) : [];
    const beside: PlacedUse[] = [];
    for (const use of [...analysis.uses, ...own]) {
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

/** Schemas of one tool that are looked at. */
const MAX_SCHEMAS = 500;

/** The schemas of the members of an object and of the objects in it, by names with dots between; of combinators those of all branches. */
export function membersOf(schema: unknown, root: JsonSchema): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visited = new Set<unknown>();
  const visit = (value: unknown, level: number, before: string): void => {
    const here = resolved(value, root);
    if (!isRecord(here) || visited.has(here) || visited.size > MAX_SCHEMAS) return;
    visited.add(here);
    for (const key of ['allOf', 'anyOf', 'oneOf'] as const)
      if (Array.isArray(here[key])) for (const branch of here[key]) visit(branch, level, before);
    if (!isRecord(here.properties)) return;
    for (const [name, member] of Object.entries(here.properties)) {
      if (!found.has(before + name)) found.set(before + name, member);
      if (level > 0) visit(member, level - 1, `${before}${name}.`);
    }
  };
  visit(schema, 2, '');
  return found;
}

/** Caches a function by its argument: a plan may use a list thousands of times. */
export function remembered<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key)!;
  };
}

export const stepOf = ({ steps }: Plan, id: string | undefined): PlanStep | undefined =>
  steps.find((step) => step.id === id);
