import { type Answer, AnswerByForm, AnswerByLink, answerInWords, problem, type QuestionView } from '@errand/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { findRequester } from '../links/requester.ts';
import { formPairs, jsonBody, validate } from '../links/submission.ts';
import { formFields, formHtml } from '../pages/html/schema-form.ts';
import { visible } from '../pages/html/visible.ts';
import type { PageFrames } from '../pages/page-frames.ts';
import { en, type Texts } from '../pages/texts/en.ts';
import { readContent, splitFormPairs } from './input-submission.ts';
import { type AnswerFields, type AnswerSubmission, mountAnswerPage } from './mount-answer-page.ts';

/** The page on which a person answers a question. Four eyes do not cover questions. */
export function mountQuestionPage(
  fastify: FastifyInstance,
  deps: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'> & { frames: PageFrames },
): void {
  const { db, engine } = deps;
  mountAnswerPage<QuestionView, Answer>(fastify, deps, {
    kind: 'question',
    noun: 'question',
    read: ({ workspaceId, requestId }) => engine.readQuestion(workspaceId, requestId),
    readAnswer,
    send: ({ workspaceId, requestId }, answer, { holder }) =>
      engine.answerQuestion(workspaceId, { requestId, answer }, holder),
    about: ({ workspaceId }, { runId }) => findRequester(db, workspaceId, runId),
    textOf: ({ question }) => question,
    fieldsHtml,
    buttonsHtml: ({ answer, question }, { choices }) => `<button class="approve">${answer.send}</button>
<button class="quiet" name="none" value="true" formnovalidate>${choices === undefined ? question.cannotAnswer : question.noneOfThese}</button>`,
    stateText,
    refusal: (texts, { requestedSchema, choices }) => {
      if (requestedSchema) return texts.answer.notSent;
      return choices ? texts.faults.answerChoice : texts.faults.answerText;
    },
  });
}

/** Reads an answer. @throws ProblemError invalid_json, validation_failed */
function readAnswer(request: FastifyRequest): AnswerSubmission<QuestionView, Answer> {
  const pairs = formPairs(request);
  if (pairs === undefined) {
    const { token, answer } = validate(AnswerByLink, jsonBody(request));
    return { token, toAnswer: () => answer };
  }
  const { entered, others } = splitFormPairs(pairs);
  const { token, csrf, choice, text, none } = validate(AnswerByForm, others);
  const words = text?.trim();
  return {
    token,
    csrf,
    entered,
    toAnswer({ choices, requestedSchema }) {
      if (none) return null;
      if (requestedSchema) {
        const content = readContent(formFields(requestedSchema), entered);
        return validate(AnswerByLink.shape.answer, content);
      }
      const answer = choices ? choices[Number(choice ?? Number.NaN)]?.value : words;
      if (answer !== undefined && answer !== '') return validate(AnswerByLink.shape.answer, answer);
      throw problem('validation_failed', choices ? en.faults.answerChoice : en.faults.answerText);
    },
  };
}

/** The state of a question, in a sentence. */
function stateText(texts: Texts, { state, answer, ...offered }: QuestionView): string {
  switch (state) {
    case 'pending':
      return texts.answer.pending;
    case 'answered': {
      if (answer === null || answer === undefined) return texts.answer.closedWithout;
      return texts.answer.answered(answerInWords(offered, answer));
    }
    case 'gone':
      return texts.question.gone;
  }
}

function fieldsHtml(
  texts: Texts,
  { choices, requestedSchema }: QuestionView,
  { entered, faults = [] }: AnswerFields,
): string {
  if (choices && !requestedSchema) return choicesHtml(texts, choices);
  const fields = requestedSchema ? formHtml(texts, formFields(requestedSchema), entered, faults) : textHtml(texts);
  return `${fields}\n<p id="care">${texts.question.noPassword}</p>`;
}

const textHtml = ({ question }: Texts): string => `<label for="text">${question.yourAnswer}</label>
<textarea id="text" name="text" rows="3" maxlength="4000" required aria-describedby="care"></textarea>`;

function choicesHtml({ question }: Texts, choices: NonNullable<QuestionView['choices']>): string {
  const labels = choices.map(({ label }) => label);
  const choiceItems = choices.map(({ label, value }, i) => {
    // The value distinguishes choices with equal labels.
    const more = labels.filter((text) => text === label).length > 1 ? ` (${value})` : '';
    return `<label class="choice"><input type="radio" name="choice" value="${i}" required><bdi>${visible(label + more)}</bdi></label>`;
  });
  return `<fieldset>\n<legend>${question.chooseOne}</legend>\n${choiceItems.join('\n')}\n</fieldset>`;
}
