// A name that may be one of several kinds of things: all are looked up, and the call is made for the kind that has it.
import type { Json } from '@errand/contracts';
import { bind, output, string } from '../../answer/jsonata.ts';
import type { Value } from '../../intent/value.ts';
import { rowFieldsOf, thingOf } from '../../tools/operation.ts';
import type { Finding, Rated, Step } from '../draft.ts';
import type { Candidate } from '../finish.ts';
import { identityOf } from './lookup.ts';

/** How much less a plan may fit, and still be meant. */
const CLOSE = 1.2;
/** How sure a look-up is that words ask for. */
const TOLD = 2.4;
/** Kinds of things that are looked at. */
const MOST = 3;

type Kind = { rated: Rated; findings: readonly Finding[] };

/** Drafts that differ from the best in what its names are names of, best first; empty where words tell that. */
export function kindsOf([first, ...others]: readonly Rated[]): Kind[] {
  const findings = first === undefined ? [] : findingsOf(first);
  if (findings.length === 0 || findings.some(({ value }) => value.self || isTold(first!, value))) return [];
  const kinds: Kind[] = [{ rated: first!, findings }];
  const thingOf = (list: readonly Finding[], { value }: Finding) => list.find((one) => one.value === value)?.thing;
  for (const rated of others) {
    const own = findingsOf(rated);
    const isSame = own.length === findings.length && findings.every((one) => thingOf(own, one) !== undefined);
    const isOther = kinds.every((kind) => kind.findings.some((one) => thingOf(own, one) !== one.thing));
    const isAlike = rated.scope.writes || rated.draft.goal.operation === first!.draft.goal.operation;
    const isClose = first!.total - rated.total < CLOSE && rated.draft.used.size === first!.draft.used.size;
    if (isSame && isOther && isAlike && isOfOne(rated) && isClose && kinds.length < MOST)
      kinds.push({ rated, findings: own });
  }
  return kinds.length > 1 ? kinds : [];
}

/** Ids of one service mean nothing to another. */
const isOfOne = ({ draft: { steps, goal } }: Rated): boolean =>
  steps.every(({ operation: { tool } }) => tool.customerIntegrationId === goal.operation.tool.customerIntegrationId);

/** Words beside a name say what it is of: "assigned to Ana". */
const isTold = ({ draft }: Rated, value: Value): boolean =>
  draft.goal.filled.some(({ used, sure }) => used.includes(value) && sure >= TOLD);

const findingsOf = ({ draft }: Rated): Finding[] => draft.steps.flatMap(({ finds }) => finds ?? []);

/** One plan of several: what is done is done for the kind of thing that has the name. Nothing when their answers are too different. */
export function either(kinds: readonly Kind[], candidates: readonly Candidate[]): Candidate | undefined {
  const found = kinds.map(({ findings }) => `(${findings.map((one) => `${one.found} > 0`).join(' and ')})`);
  const many = `$count([${found.join(', ')}][$])`;
  const goals = kinds.map(({ rated }) => rated.draft.goal.id);
  const steps = new Map<string, Step>();
  const isShared = ({ id }: Step) => candidates.every((one) => one.steps.some((step) => step.id === id));
  for (const [index, candidate] of candidates.entries()) {
    let isFirst = index === 0;
    for (const step of candidate.steps) {
      const isGiven = step.finds !== undefined || step.when !== undefined || isShared(step);
      const refused =
        isFirst && !isGiven ? ` ? ${found[index]} : $refuse($n = 0 ? ${noneOf(kinds)} : ${severalOf(kinds)})` : '';
      const when = `($n := ${many}; $n = 1${refused || ` and ${found[index]}`})`;
      isFirst &&= isGiven;
      steps.set(step.id, isGiven ? step : { ...step, when });
    }
  }
  const results = candidates.map((one, index) => one.result ?? bind(output(goals[index]!)));
  const joined = results
    .slice(0, -1)
    .reduceRight<Json | undefined>((rest, one, index) => rest && chosen(one, rest, goals[index]!), results.at(-1));
  if (joined === undefined) return undefined;
  // All that is looked up stands before what is done.
  const all = [...steps.values()];
  const before = all.filter(({ finds }) => finds !== undefined);
  return {
    steps: [...before, ...all.filter((step) => !before.includes(step))],
    result: joined,
    score: candidates[0]!.score,
  };
}

/** Lists of which one may have rows that are called so: "what does the Fleet Monitor cost". Best first; empty where there is only one. */
export function listsOf(rated: readonly Rated[]): Rated[] {
  const [first] = rated;
  const isAlike = ({ draft: { goal, steps }, total }: Rated, index: number) =>
    goal.called === first!.draft.goal.called &&
    steps.length === 1 &&
    first!.total - total < CLOSE &&
    rated.findIndex(({ draft }) => draft.goal.operation === goal.operation) === index;
  const lists = first?.draft.goal.called === undefined ? [] : rated.filter(isAlike).slice(0, MOST);
  return lists.length > 1 ? lists : [];
}

/** A draft that does not end the run where nothing is called so. */
export function unnamed(rated: Rated): Rated {
  const { draft } = rated;
  const goal = { ...draft.goal, called: undefined };
  const named = { ...draft, goal, steps: draft.steps.map((step) => (step === draft.goal ? goal : step)) };
  return { ...rated, draft: named };
}

/** One plan of several lists: the answer is that of the list that has the name. Nothing when their answers are figures. */
export function wherever(lists: readonly Rated[], candidates: readonly Candidate[]): Candidate | undefined {
  const answers = candidates.flatMap(({ result }) =>
    isObject(result ?? null) && typeof (result as { $?: Json }).$ === 'string' ? [(result as { $: string }).$] : [],
  );
  if (answers.length < candidates.length) return undefined;
  const { text } = lists[0]!.draft.goal.called!;
  const things = lists.map(({ draft }) => thingOf(draft.goal.operation));
  // Who is called exactly so goes before who only has it in the name.
  const found = answers.map((one, index) => {
    const key = identityOf(rowFieldsOf(lists[index]!.draft.goal.operation), 'name');
    return `($v := $append([], ${one}); {"v": $v, "e": $count($v[$lowercase($string(${key})) = ${string(text.toLowerCase())}])})`;
  });
  const none = string(`There is ${things.map((one) => `no ${one}`).join(' and ')} named ${text}.`);
  const several = string(`${text} may be ${things.map((one) => `a ${one}`).join(' or ')}. Say which one is meant.`);
  const expression = `($l := [${found.join(', ')}][$count(v) > 0]; $x := $l[e > 0]; $f := $count($x) = 1 ? $x : $l; $n := $count($f); $n = 1 ? $f[0].v : $refuse($n = 0 ? ${none} : ${several}))`;
  return { steps: candidates.flatMap(({ steps }) => steps), result: bind(expression), score: candidates[0]!.score };
}

const noneOf = ([first, ...others]: readonly Kind[]) =>
  string(
    first!.findings.length > 1
      ? `There is nothing that ${first!.findings.map(({ value }) => value.text).join(' and ')} could be the names of.`
      : `There is ${[first!, ...others].map((kind) => `no ${kind.findings[0]!.thing}`).join(' and ')} named ${first!.findings[0]!.value.text}.`,
  );

const severalOf = (kinds: readonly Kind[]) => {
  const [{ value }] = kinds[0]!.findings as [Finding];
  const things = kinds.map(({ findings }) => `a ${findings.find((one) => one.value === value)!.thing}`);
  return string(`${value.text} may be ${[...new Set(things)].join(' or ')}. Say which one is meant.`);
};

/** The answer of the goal that ran. */
function chosen(one: Json, other: Json, goal: string): Json | undefined {
  if (!isObject(one) || !isObject(other)) return undefined;
  if (typeof one.$ === 'string' && typeof other.$ === 'string')
    return bind(`${output(goal)} != null ? ${one.$} : ${other.$}`);
  const [keys, others] = [one, other].map((each) => Object.keys(each));
  if (keys!.join() !== others!.join()) return undefined;
  const parts = keys!.map((key) => [key, chosen(one[key]!, other[key]!, goal)] as const);
  return parts.some(([, part]) => part === undefined) ? undefined : (Object.fromEntries(parts) as Json);
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
