import { AnsweredInput, AnswerInputByForm, AnswerInputByLink, InputView } from '@errand/contracts';
import examples from '../examples.gen.json' with { type: 'json' };
import { answerPaths } from '../links/answer-paths.ts';

/** The page on which a user answers a service, for the document. */
export const inputPaths = answerPaths({
  path: '/v1/runs/input',
  show: {
    operationId: 'inputsShow',
    summary: 'Show what a service asks',
    description:
      'The link of an `input` event leads here; its token is the permission, and no API key is needed. With `Accept: text/html` a page on which to answer, else JSON. Looking never answers, and opens nothing.',
    success: {
      description: 'What is asked, and where it stands.',
      schema: InputView,
      example: examples['inputs.show'],
    },
    refusals: ['input_not_found', 'input_gone'],
  },
  answer: {
    operationId: 'inputsAnswerByLink',
    summary: 'Answer a service by link',
    description:
      'Answers what a service asks, once; the same answer again is answered the same. The token is the permission. The form of the page is accepted, too, with the cookie that the page has set.',
    byLink: AnswerInputByLink,
    byForm: AnswerInputByForm,
    success: { description: 'The answer.', schema: AnsweredInput, example: examples['inputs.answer'] },
    refusals: ['input_not_found', 'input_already_answered', 'input_gone'],
  },
});
