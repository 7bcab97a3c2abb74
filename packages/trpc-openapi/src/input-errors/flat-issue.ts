// Issues of zod as a list without nesting: each has its place in the input and a message that names the allowed values.
import type { $ZodIssue } from 'zod/v4/core';
import { pointer } from './pointer.ts';
import { type FlatIssue, unionIssues } from './union-issues.ts';

/** Issues of one value that an answer shows. A body may have a hundred thousand, and each costs time. */
export const MAX_ISSUES = 50;

/** @param base the path to the value that the issue is about */
export function flatten(issue: $ZodIssue, base: PropertyKey[]): FlatIssue[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_ISSUES).map((key) => ({
      path: [...path, key],
      pointer: pointer([...path, key]),
      message: 'Unknown field',
      isUnknown: true,
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branches = issue.errors.map((branch) => branch.slice(0, MAX_ISSUES).flatMap((inner) => flatten(inner, path)));
    return unionIssues(path, branches, issue.message === 'Invalid input' ? undefined : issue.message);
  }
  const code = issue.code === 'custom' ? issue.params?.errorCode : undefined;
  const expected = expectedBy(issue);
  return [
    {
      path,
      pointer: pointer(path),
      message: messageOf(issue),
      ...(typeof code === 'string' && { code }),
      ...(expected && { expected }),
    },
  ];
}

function messageOf(issue: $ZodIssue): string {
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  return inner ? `${issue.message}: ${inner.message}` : issue.message;
}

/** Undefined if the schema has a message of its own. */
function expectedBy(issue: $ZodIssue): string[] | undefined {
  if (!issue.message.startsWith('Invalid ')) return undefined;
  if (issue.code === 'invalid_type') return [issue.expected === 'record' ? 'object' : issue.expected];
  if (issue.code === 'invalid_value') return issue.values.map(quoted);
  if (issue.code !== 'invalid_union' || !('options' in issue)) return undefined;
  return issue.options?.filter((option) => option !== undefined).map(quoted);
}

const quoted = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));
