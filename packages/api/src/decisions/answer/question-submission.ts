import { type Answer, AnswerByForm, AnswerByLink, problem, type QuestionView } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';
import { checked, formIn, jsonIn } from './submission.ts';

/** An answer as it arrives. `csrf` is set when a form sent it; `answerTo` says what it answers. */
export type AnswerSubmission = { token: string; csrf?: string; answerTo(view: QuestionView): Answer };

/** Reads an answer. @throws ProblemError invalid_json, validation_failed */
export function readAnswer(request: FastifyRequest): AnswerSubmission {
  const form = formIn(request);
  if (form === undefined) {
    const { token, answer } = checked(AnswerByLink, jsonIn(request));
    return { token, answerTo: () => answer };
  }
  const { token, csrf, choice, text, none } = checked(AnswerByForm, form);
  // Browsers send line breaks as CRLF.
  const words = text?.replaceAll('\r\n', '\n').trim();
  return {
    token,
    csrf,
    answerTo({ choices }) {
      if (none) return null;
      const answer = choices ? choices[Number(choice ?? Number.NaN)]?.value : words;
      if (answer !== undefined && answer !== '') return checked(AnswerByLink.shape.answer, answer);
      throw problem('validation_failed', choices ? 'Choose an answer.' : 'Write an answer.');
    },
  };
}
