// The issues of a union, from those of its branches.
import { pointer } from './pointer.ts';

export type FlatIssue = {
  path: PropertyKey[];
  pointer: string;
  message: string;
  /** The error code that a check of the schema names. */
  code?: string;
  isUnknown?: true;
  /** The allowed values in quotes, and the allowed types. */
  expected?: readonly string[];
};

/**
 * The issues of the branch that fits the value best. If several fit equally well, the places that all of them refuse, with the values that
 * any of them allows. If that place is the value itself or if there is none, a message of the union prevails.
 * @param path to the value of the union
 * @param ownMessage the message that the schema of the union gives
 */
export function unionIssues(path: PropertyKey[], branches: readonly FlatIssue[][], ownMessage?: string): FlatIssue[] {
  const fits = branches.map((branch) => fitOf(branch, path.length));
  const best = branches.filter((_, index) => fits[index] === Math.max(...fits));
  if (best.length === 1) return best[0]!;
  const issuesByPointer = best.map(firstByPointer);
  const [first, ...others] = issuesByPointer as [Map<string, FlatIssue>, ...Map<string, FlatIssue>[]];
  const refusedByAll = [...first.keys()].filter((place) => others.every((issues) => issues.has(place)));
  const base = pointer(path);
  if (ownMessage !== undefined && (refusedByAll.length === 0 || refusedByAll.includes(base)))
    return [{ path, pointer: base, message: ownMessage }];
  if (refusedByAll.length > 0) {
    return refusedByAll.map((place) => merge(issuesByPointer.map((issues) => issues.get(place)!)));
  }
  const fewest = Math.min(...best.map((branch) => branch.length));
  const closest = best.filter((branch) => branch.length === fewest);
  return closest.length === 1 ? closest[0]! : [alternatives(path, closest)];
}

/** 2: only members of the value are wrong. 1: the value has the right type. 0: it has the wrong one. */
function fitOf(branch: readonly FlatIssue[], depth: number): number {
  const ownIssues = branch.filter((issue) => issue.path.length === depth);
  if (ownIssues.length === 0) return 2;
  return ownIssues.some((issue) => issue.expected) ? 0 : 1;
}

function firstByPointer(branch: readonly FlatIssue[]): Map<string, FlatIssue> {
  const issues = new Map<string, FlatIssue>();
  for (const issue of branch) if (!issues.has(issue.pointer)) issues.set(issue.pointer, issue);
  return issues;
}

/** One issue for a place. The branches that have no such field are of no interest if another has it. */
function merge(issuesOfPlace: readonly FlatIssue[]): FlatIssue {
  const ofKnownField = issuesOfPlace.filter(({ isUnknown }) => !isUnknown);
  const issues = ofKnownField.length > 0 ? ofKnownField : issuesOfPlace;
  const [first] = issues as [FlatIssue];
  const messages = [...new Set(issues.map(({ message }) => message))];
  if (messages.length === 1) return first;
  const code = issues.find((issue) => issue.code !== undefined)?.code;
  const { path, pointer } = first;
  const shared = { path, pointer, ...(code !== undefined && { code }) };
  if (issues.some(({ expected }) => !expected)) return { ...shared, message: messages.join(', or ') };
  const expected = [...new Set(issues.flatMap(({ expected }) => expected!))];
  return { ...shared, message: expectation(expected, messages), expected };
}

/** In the form of zod’s messages. */
function expectation(expected: readonly string[], messages: readonly string[]): string {
  const received = messages.map((message) => /, received \w+$/.exec(message)?.[0]).find(Boolean) ?? '';
  return `Invalid input: expected one of ${listed(expected)}${received}`;
}

/** Bounds a list of allowed values. */
const MAX_LISTED = 800;

function listed(expected: readonly string[]): string {
  let text = '';
  for (const [index, value] of expected.entries()) {
    if (text.length + value.length > MAX_LISTED) return `${text} and ${expected.length - index} more`;
    text += index === 0 ? value : `|${value}`;
  }
  return text;
}

function alternatives(path: PropertyKey[], branches: readonly FlatIssue[][]): FlatIssue {
  const base = pointer(path);
  const texts = branches.map(([issue]) => `${issue!.pointer.slice(base.length)}: ${issue!.message}`);
  return { path, pointer: base, message: `Invalid input: ${[...new Set(texts)].join(', or ')}` };
}
