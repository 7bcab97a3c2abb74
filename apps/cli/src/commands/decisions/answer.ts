import type { PendingEntry } from '@errand/contracts';
import type { Cli } from '../../cli/cli.ts';
import { askAnswer } from '../../decisions/ask-entry.ts';
import { idOfEntry } from '../../decisions/entry.ts';
import { entryLines } from '../../decisions/entry-lines.ts';
import { findEntry } from '../../decisions/find-entry.ts';
import { askForm, type Form, parseForm } from '../../decisions/form.ts';
import { usageFailure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';

type AnswerFlags = { decline?: boolean };

export const addAnswer: AddCommand = (program, cli) => {
  program
    .command('answer')
    .summary('answer a question, or a request of a service')
    .description(
      'Answers with a text, the number or label of a choice, or <field>=<value> for each field of a form. Asks if no answer is given.',
    )
    .argument('[request]', 'its id, a part of it, or that of its run; @last', '@last')
    .argument('[answer...]', 'the answer')
    .option('--decline', 'give no answer')
    .action(cli.action((id: string, words: string[], flags: AnswerFlags) => answer(id, words, flags, cli)));
};

async function answer(id: string, words: readonly string[], { decline }: AnswerFlags, cli: Cli): Promise<void> {
  const entry = await findEntry(id, ['question', 'input'], cli);
  if (words.length === 0 && !decline) {
    if (!cli.terminal.isInteractive)
      throw usageFailure('There is no answer, and no terminal to ask.', 'Give it as an argument.');
    cli.output.show(entry, entryLines);
  }
  const answered =
    entry.kind === 'question'
      ? await answerQuestion(entry, words, decline, cli)
      : await answerInput(entry, words, decline, cli);
  cli.recent().remember([answered.requestId, answered.runId]);
  cli.output.answer(answered, {
    text: () => [decline ? 'Declined.' : 'Answered.'],
    ids: ({ requestId }) => [requestId],
  });
}

async function answerQuestion(entry: PendingEntry, words: readonly string[], decline: boolean | undefined, cli: Cli) {
  const value = decline ? null : words.length === 0 ? await askAnswer(entry, cli) : parseAnswer(entry, words);
  return cli.service().client.questions.answer.mutate({ requestId: idOfEntry(entry), answer: value });
}

async function answerInput(
  { requestedSchema, ...entry }: PendingEntry,
  words: readonly string[],
  decline: boolean | undefined,
  cli: Cli,
) {
  const form = requestedSchema as Form | undefined;
  const content =
    decline || !form ? undefined : words.length === 0 ? await askForm(form, cli.ask) : parseForm(form, words);
  const action = decline ? 'decline' : 'accept';
  return cli
    .service()
    .client.inputs.answer.mutate({ requestId: idOfEntry(entry), action, ...(content && { content }) });
}

function parseAnswer({ choices, requestedSchema }: PendingEntry, words: readonly string[]) {
  if (requestedSchema) return parseForm(requestedSchema as Form, words);
  const text = words.join(' ');
  if (!choices) return text;
  const chosen =
    choices[Number(text) - 1] ?? choices.find(({ value, label }) => label === text || String(value) === text);
  if (chosen) return chosen.value;
  throw usageFailure(
    `"${text}" is none of the choices.`,
    `Choices: ${choices.map(({ label }, i) => `${i + 1} ${label}`).join(', ')}.`,
  );
}
