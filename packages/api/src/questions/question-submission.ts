import { type Answer, AnswerByForm, AnswerByLink, problem, type QuestionView } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';
import { checked, jsonIn, pairsIn } from '../links/submission.ts';
import { formFields } from '../pages/html/form-fields.ts';
import { contentFrom, enteredIn } from './input-submission.ts';
import type { AnswerSubmission } from './mount-answer-page.ts';

/** Reads an answer. @throws ProblemError invalid_json, validation_failed */
export function readAnswer(request: FastifyRequest): AnswerSubmission<QuestionView, Answer> {
  const pairs = pairsIn(request);
  if (pairs === undefined) {
    const { token, answer } = checked(AnswerByLink, jsonIn(request));
    return { token, answerTo: () => answer };
  }
  const { entered, others } = enteredIn(pairs);
  const { token, csrf, choice, text, none } = checked(AnswerByForm, others);
  const words = text?.trim();
  return {
    token,
    csrf,
    entered,
    answerTo({ choices, requestedSchema }) {
      if (none) return null;
      if (requestedSchema) {
        const content = contentFrom(formFields(requestedSchema), entered);
        return checked(AnswerByLink.shape.answer, content);
      }
      const answer = choices ? choices[Number(choice ?? Number.NaN)]?.value : words;
      if (answer !== undefined && answer !== '') return checked(AnswerByLink.shape.answer, answer);
      throw problem('validation_failed', choices ? 'Choose an answer.' : 'Write an answer.');
    },
  };
}
