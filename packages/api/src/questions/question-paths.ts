import {
  AnswerByForm,
  AnswerByLink,
  AnsweredInput,
  AnsweredQuestion,
  AnswerInputByForm,
  AnswerInputByLink,
  InputView,
  QuestionView,
} from '@errand/contracts';
import examples from '../examples.json' with { type: 'json' };
import { answerPaths } from '../links/answer-paths.ts';

/** The page of a question, for the document. */
export const questionPaths = answerPaths({
  path: '/v1/runs/question',
  show: {
    operationId: 'questionsShow',
    summary: 'Show a question',
    description:
      'The link of a `question` event leads here. Its token is the permission; no API key is needed. `Accept: text/html` returns a page with a form, any other value JSON. GET and HEAD change nothing.',
    success: {
      description: 'The question and its state; the answer, if there is one.',
      schema: QuestionView,
      example: examples['questions.show'],
    },
    refusals: ['question_not_found', 'question_gone'],
  },
  answer: {
    operationId: 'questionsAnswerByLink',
    summary: 'Answer by link',
    description:
      'Answers a question once; repeating the same answer returns the same result. The token is the permission. The form of the page is also accepted, with the cookie that the page has set.',
    byLink: AnswerByLink,
    byForm: AnswerByForm,
    success: { description: 'The answer.', schema: AnsweredQuestion, example: examples['questions.answer'] },
    refusals: ['question_not_found', 'question_already_answered', 'question_gone'],
  },
});

/** The page on which a user answers a service, for the document. */
export const inputPaths = answerPaths({
  path: '/v1/runs/input',
  show: {
    operationId: 'inputsShow',
    summary: 'Show an input request of a service',
    description:
      'The link of an `input` event leads here. Its token is the permission; no API key is needed. `Accept: text/html` returns a page with a form, any other value JSON. GET and HEAD change nothing.',
    success: {
      description: 'The input request and its state.',
      schema: InputView,
      example: examples['inputs.show'],
    },
    refusals: ['input_not_found', 'input_gone'],
  },
  answer: {
    operationId: 'inputsAnswerByLink',
    summary: 'Answer a service by link',
    description:
      'Answers an input request once; repeating the same answer returns the same result. The token is the permission. The form of the page is also accepted, with the cookie that the page has set.',
    byLink: AnswerInputByLink,
    byForm: AnswerInputByForm,
    success: { description: 'The answer.', schema: AnsweredInput, example: examples['inputs.answer'] },
    refusals: ['input_not_found', 'input_already_answered', 'input_gone'],
  },
});
