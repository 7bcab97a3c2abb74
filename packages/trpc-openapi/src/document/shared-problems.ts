// Most operations answer the same problems. Each of these answers is one component, which the operations refer to.
import type { createDocument } from 'zod-openapi';
import { builtInErrors } from '../problem.ts';

type OpenApiDocument = ReturnType<typeof createDocument>;
type Answers = NonNullable<NonNullable<OpenApiDocument['components']>['responses']>;
/** One answer of one operation. */
type ProblemAnswer = { answers: Answers; status: string; codes: string[]; isPublic: boolean };

/** The most codes in the name of a component; an answer with more is shared by few operations, and stays inline. */
const MAX_CODES = 3;

/**
 * Moves each problem that several operations answer alike to `components/responses`.
 * @param anyErrors codes of every operation that needs a credential; they name an answer only when it has no others
 */
export function shareProblems(document: OpenApiDocument, anyErrors: readonly string[] = []): void {
  const common = new Set([...Object.keys(builtInErrors), ...anyErrors]);
  const sharers = new Map<string, ProblemAnswer[]>();
  for (const answer of problemsOf(document)) {
    const text = JSON.stringify(answer.answers[answer.status]);
    sharers.set(text, [...(sharers.get(text) ?? []), answer]);
  }
  const responses: Answers = {};
  for (const [text, alike] of sharers) {
    const name = nameOf(alike[0]!, common);
    if (alike.length < 2 || name === undefined || Object.hasOwn(responses, name)) continue;
    responses[name] = JSON.parse(text);
    for (const { answers, status } of alike) answers[status] = { $ref: `#/components/responses/${name}` };
  }
  document.components = { ...document.components, responses: { ...document.components?.responses, ...responses } };
}

function problemsOf({ paths = {} }: OpenApiDocument): ProblemAnswer[] {
  const operations = Object.values(paths).flatMap((path) => Object.values(path)) as {
    responses?: Answers;
    security?: object[];
  }[];
  return operations.flatMap(({ responses: answers = {}, security = [] }) =>
    Object.entries(answers).flatMap(([status, answer]) => {
      const examples = 'content' in answer && answer.content?.['application/problem+json']?.examples;
      return examples ? [{ answers, status, codes: Object.keys(examples), isPublic: security.length === 0 }] : [];
    }),
  );
}

/** `InvalidCursor`, or `ValidationFailedWithBody` and `PublicNotFound` for operations that take a body or no credential. */
function nameOf({ codes, isPublic }: ProblemAnswer, common: ReadonlySet<string>): string | undefined {
  const special = codes.filter((code) => !common.has(code));
  if (special.length > MAX_CODES) return undefined;
  const named = (special.length > 0 ? special : codes.slice(0, 1)).map(pascalCase).join('Or');
  return `${isPublic ? 'Public' : ''}${named}${codes.length > 1 && codes.includes('invalid_json') ? 'WithBody' : ''}`;
}

const pascalCase = (code: string): string =>
  code
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
