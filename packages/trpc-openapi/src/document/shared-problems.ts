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
 * @param commonErrors codes of every operation that needs a credential; they name an answer only when it has no others
 */
export function shareProblems(document: OpenApiDocument, commonErrors: readonly string[] = []): void {
  const common = new Set([...Object.keys(builtInErrors), ...commonErrors]);
  const answersByText = new Map<string, ProblemAnswer[]>();
  for (const answer of findProblemAnswers(document)) {
    const text = JSON.stringify(answer.answers[answer.status]);
    answersByText.set(text, [...(answersByText.get(text) ?? []), answer]);
  }
  const responses: Answers = {};
  for (const [text, equalAnswers] of answersByText) {
    const name = componentName(equalAnswers[0]!, common);
    if (equalAnswers.length < 2 || name === undefined || Object.hasOwn(responses, name)) continue;
    responses[name] = JSON.parse(text);
    for (const { answers, status } of equalAnswers) answers[status] = { $ref: `#/components/responses/${name}` };
  }
  document.components = { ...document.components, responses: { ...document.components?.responses, ...responses } };
}

function findProblemAnswers({ paths = {} }: OpenApiDocument): ProblemAnswer[] {
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
function componentName({ codes, isPublic }: ProblemAnswer, common: ReadonlySet<string>): string | undefined {
  const specificCodes = codes.filter((code) => !common.has(code));
  if (specificCodes.length > MAX_CODES) return undefined;
  const joinedCodes = (specificCodes.length > 0 ? specificCodes : codes.slice(0, 1)).map(pascalCase).join('Or');
  return `${isPublic ? 'Public' : ''}${joinedCodes}${codes.length > 1 && codes.includes('invalid_json') ? 'WithBody' : ''}`;
}

const pascalCase = (code: string): string =>
  code
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
