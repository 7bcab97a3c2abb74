import type { Json, Plan } from '@errand/contracts';
import { type ExpressionSite, type PlanAnalysis, ROOTS } from '../analysis/plan-analysis.ts';
import type { Analysis } from '../sandbox/expression/expression.ts';
import { namesOf, plainPath } from '../sandbox/plain-path.ts';
import type { ExpressionFault } from '../template/hole-values.ts';
import { under } from '../template/pointer.ts';
import { holeAt } from '../template/template.ts';
import { type Complaint, createDoubt, type Doubt, suggestName } from './complaint.ts';
import { type DescribedOutputs, typesAt } from './described.ts';

/** Additional roots of `next` in a step's pages. */
const pageRoots = ['page', 'pageCount', 'itemCount', 'link'];
const roots = [...ROOTS].filter((root) => root !== 'item' && root !== 'index');
const TRUTH = 'write a comparison, $exists(…) or $count(…) > 0.';
const MAX_DOUBTS = 20;

/** Checks that every expression parses and names only existing roots, steps and functions. */
export function checkExpressions(plan: Plan, planAnalysis: PlanAnalysis, described: DescribedOutputs): Complaint[] {
  const ids = plan.steps.map((step) => step.id);
  const complaints = planAnalysis.sites.flatMap((site) => {
    const analysis = planAnalysis.analyses.get(site.expression)!;
    const messages = analysis.ok
      ? [...checkNames(site, analysis, ids), ...checkNestedRoots(site, analysis, ids, described)]
      : [syntaxMessage(analysis)];
    return messages.map((message) => ({ pointer: site.pointer, message: `\`${site.expression}\`: ${message}` }));
  });
  const mixed = plan.steps.flatMap((step, index) => checkMixedBindings(step.args, `/steps/${index}/args`));
  return [...complaints, ...mixed, ...checkMixedBindings(plan.result ?? null, '/result')];
}

const syntaxMessage = ({ message, position, remedy }: ExpressionFault): string =>
  `${remedy === undefined ? '' : `${remedy} `}${message}${position === undefined ? '' : ` (at character ${position})`}`;

/** Roots in a place where JSONata reads them as members of an item: it would silently find nothing there. */
function checkNestedRoots(
  site: ExpressionSite,
  { nestedRoots: inner }: Analysis & { ok: true },
  ids: readonly string[],
  described: DescribedOutputs,
): string[] {
  const perItem = site.part === 'args' && site.step?.forEach !== undefined;
  const meansRoot: Record<string, (next?: string) => boolean> = {
    now: () => true,
    timeZone: () => true,
    intent: (next) => next === undefined,
    context: (next) => next === undefined,
    steps: (next) => next !== undefined && ids.includes(next),
    pairs: (next) => next !== undefined,
    item: () => perItem,
    index: (next) => perItem && next === undefined,
  };
  const messages = inner.flatMap(({ name, next, of }) => {
    const isMeant = Object.hasOwn(meansRoot, name) && meansRoot[name]!(next);
    const has = of && described.find([...of, name]);
    if (!isMeant || (has && 'schemas' in has)) return [];
    const all = next === undefined ? name : `${name}.${next}`;
    return [`here ${all} is a member of the item before it; write $$.${all}, or $.${all} if the item has one.`];
  });
  return [...new Set(messages)];
}

function checkNames(site: ExpressionSite, names: Analysis & { ok: true }, ids: readonly string[]): string[] {
  const perItem = (site.part === 'args' || site.part === 'pages') && site.step?.forEach !== undefined;
  const allowed = [...roots, ...(perItem ? ['item', 'index'] : []), ...(site.part === 'pages' ? pageRoots : [])];
  const unknown = names.roots.filter((root) => !allowed.includes(root));
  const isNoTruth = site.part === 'when' && names.resultKind !== undefined && names.resultKind !== 'truth';
  return [
    ...unknown.map((root) =>
      root === 'item' || root === 'index' ? itemMessage(site, root) : unknownRoot(root, allowed, ids),
    ),
    ...names.steps.flatMap((step) => stepMessage(site, step, ids) ?? []),
    ...(isNoTruth
      ? [
          `when must give true or false, and this gives ${names.resultKind === 'object' ? 'an' : 'a'} ${names.resultKind}; ${TRUTH}`,
        ]
      : []),
    ...names.undefinedNames.map(
      (name) => `there is no function or variable $${name} in JSONata or in this expression.`,
    ),
  ];
}

function stepMessage(
  site: ExpressionSite,
  { id, member }: (Analysis & { ok: true })['steps'][number],
  ids: readonly string[],
): string | undefined {
  if (!ids.includes(id)) return `there is no step ${id}.${suggestName(id, ids)}`;
  if (id === site.step?.id) return `step ${id} cannot read its own output.`;
  if (member === undefined || member === 'output') return undefined;
  return `a step has nothing but its output; write steps.${id}.output.${member}.`;
}

function itemMessage(site: ExpressionSite, root: string): string {
  if (site.part === 'when' || site.part === 'unless' || site.part === 'say')
    return `${site.part} is decided once, before forEach, so there is no ${root}; filter the list in forEach instead.`;
  if (site.part === 'forEach') return `${root} is what forEach gives, so forEach itself cannot read it.`;
  return site.part === 'result'
    ? `${root} stands for an item only in the args of a step with forEach; read steps.<id>.output.`
    : `${root} is there only when the step has forEach; add one or read steps.<id>.output.`;
}

function unknownRoot(root: string, allowed: readonly string[], ids: readonly string[]): string {
  if (ids.includes(root)) return `write steps.${root}.output instead of ${root}.`;
  return `${root} is not known; an expression starts from ${allowed.join(', ')}.`;
}

/** An object with `$` and other members, or with a `$` that is not a text: meant as a binding, but it would be sent as data. */
function checkMixedBindings(template: Json, pointer: string): Complaint[] {
  if (typeof template !== 'object' || template === null || holeAt(template, pointer) !== undefined) return [];
  if (Array.isArray(template))
    return template.flatMap((item, index) => checkMixedBindings(item, under(pointer, index)));
  const inside = Object.entries(template).flatMap(([key, member]) => checkMixedBindings(member, under(pointer, key)));
  const marks = ['$', '$text', '$fill'].filter((key) => Object.hasOwn(template, key));
  if (marks.length === 0) return inside;
  return [
    { pointer, message: `${marks[0]} must be text and stand alone in its object, as in {"${marks[0]}": "…"}.` },
    ...inside,
  ];
}

/** Members that expressions read and that the tools' output schemas lack. These are doubts: a service may return more than it describes. */
export function checkOutputs({ sites, analyses }: PlanAnalysis, described: DescribedOutputs): Doubt[] {
  const doubts = new Map<string, Doubt>();
  for (const site of sites) {
    const analysis = analyses.get(site.expression)!;
    const messages = analysis.ok ? checkMembers(analysis, described) : [];
    if (site.part === 'when' || site.part === 'unless') messages.push(...checkCondition(site, described));
    for (const message of messages) {
      const doubt = createDoubt(site.pointer, `\`${site.expression}\`: ${message}`);
      doubts.set(`${site.pointer} ${doubt.why}`, doubt);
    }
  }
  return [...doubts.values()].slice(0, MAX_DOUBTS);
}

function checkMembers({ memberPaths }: Analysis & { ok: true }, described: DescribedOutputs): string[] {
  return memberPaths.flatMap((path) => {
    const location = described.find(path);
    if (!location || !('missingName' in location)) return [];
    const { missingName, describedNames, tool } = location;
    // A bare root there has its own complaint.
    if (ROOTS.has(missingName)) return [];
    const isLength = missingName === 'length';
    const remedy = isLength ? ' For the number of items write $count(…).' : suggestName(missingName, describedNames);
    return [`${tool.name} is not described to return ${missingName} there.${remedy}`];
  });
}

function checkCondition({ part, expression }: ExpressionSite, described: DescribedOutputs): string[] {
  const path = plainPath(expression);
  const location = path && described.find(namesOf(path));
  if (!location || 'missingName' in location) return [];
  const types = typesAt(location.schemas, location.tool.outputSchema!);
  if (types === undefined || types.has('boolean')) return [];
  return [`${part} must give true or false, and this is described as ${[...types].join(' or ')}: write a comparison.`];
}
