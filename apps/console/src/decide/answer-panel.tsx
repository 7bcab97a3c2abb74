import { ExternalLink } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { Button, buttonClass } from '../controls/button.tsx';
import { Field, TextArea } from '../controls/field.tsx';
import { Text } from '../display/text.tsx';
import { useClient } from '../session/workspace.tsx';
import { answerDraft } from './answer.ts';
import { type Entry, safeUrl } from './entry.ts';
import { ArgsForm } from './form/args-form.tsx';
import { type Draft, faultsOf } from './form/draft.ts';
import { fieldsOf } from './form/fields.ts';
import { DecisionBar, offBecause, type PanelProps, showFirstFault } from './panel-parts.tsx';
import { useDecision } from './use-decision.ts';
import { useDecisionKeys } from './use-decision-keys.ts';

/** Answers a question, or a service that asks the user something. */
export function AnswerPanel({ entryId, entry, readAgain, onDone, isCompact }: PanelProps) {
  const isQuestion = entry.kind === 'question';
  const send = useSend(entryId, isQuestion);
  const decision = useDecision({ at: isQuestion ? '/answer' : '/content', onDone, readAgain });
  const answer = useAnswer(entry);
  const form = useRef<HTMLFormElement>(null);
  const off = offBecause(entry);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (answer.check()) decision.decide(() => send.answer(answer.value()), 'Answered.');
    else requestAnimationFrame(() => showFirstFault(form.current));
  };
  const refuse = () => decision.decide(() => send.none(), isQuestion ? 'Closed without an answer.' : 'Declined.');
  useDecisionKeys(isCompact, [
    { keys: 'a', text: 'Send the answer', run: () => off ?? form.current?.requestSubmit() },
    { keys: 'd', text: isQuestion ? 'No answer' : 'Decline', run: () => off ?? refuse() },
    ...(entry.choices ?? []).slice(0, 9).map(({ label }, i) => ({
      keys: String(i + 1),
      text: `Choose: ${label}`,
      run: () => answer.choose(i),
    })),
  ]);
  return (
    <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-4">
      <AnswerFields entry={entry} answer={answer} faults={decision.faults} />
      <DecisionBar entry={entry} decision={decision} note={<span>{noteOf(isQuestion)}</span>}>
        <Button type="submit" look="good" shortcut="a" isBusy={decision.isBusy} offBecause={off}>
          {entry.openUrl === undefined ? 'Send answer' : 'I have done it'}
        </Button>
        <Button look="danger" shortcut="d" isBusy={decision.isBusy} offBecause={off} onClick={refuse}>
          {isQuestion ? 'No answer' : 'Decline'}
        </Button>
      </DecisionBar>
    </form>
  );
}

const noteOf = (isQuestion: boolean): string =>
  isQuestion
    ? 'An answer cannot be changed. Without one, steps that need it do not run.'
    : 'An answer cannot be changed. The service receives it.';

function useSend(requestId: string, isQuestion: boolean) {
  const client = useClient();
  return {
    answer: (value: unknown): Promise<unknown> =>
      isQuestion
        ? client.questions.answer.mutate({ requestId, answer: value as never })
        : client.inputs.answer.mutate({
            requestId,
            action: 'accept',
            ...(value !== undefined && { content: value as never }),
          }),
    none: (): Promise<unknown> =>
      isQuestion
        ? client.questions.answer.mutate({ requestId, answer: null })
        : client.inputs.answer.mutate({ requestId, action: 'decline' }),
  };
}

type Answer = ReturnType<typeof useAnswer>;

/** What the person has entered: a choice, the values of a form, or words. */
function useAnswer({ choices, requestedSchema, openUrl }: Entry) {
  const [chosen, choose] = useState<number>();
  const [words, setWords] = useState('');
  const [draft, setDraft] = useState<Draft>(() => answerDraft(requestedSchema));
  const [isTried, setTried] = useState(false);
  const faults = requestedSchema ? faultsOf(draft, fieldsOf(requestedSchema, draft.values)) : {};
  const isComplete = requestedSchema
    ? Object.keys(faults).length === 0
    : openUrl !== undefined || (choices ? chosen !== undefined : words.trim() !== '');
  return {
    ...{ chosen, choose, words, setWords, draft, setDraft },
    faults: isTried ? faults : {},
    isIncomplete: isTried && !isComplete,
    /** @returns whether it can be sent; else the form shows why not */
    check: () => {
      setTried(true);
      return isComplete;
    },
    value: () =>
      requestedSchema
        ? draft.values
        : openUrl !== undefined
          ? undefined
          : choices
            ? choices[chosen!]!.value
            : words.trim(),
  };
}

type AnswerFieldsProps = { entry: Entry; answer: Answer; faults: Readonly<Record<string, string>> };

function AnswerFields({ entry, answer, faults }: AnswerFieldsProps) {
  const { choices, requestedSchema, openUrl } = entry;
  if (openUrl !== undefined) return <PageToOpen url={openUrl} name={entry.integrationName ?? 'The service'} />;
  if (requestedSchema)
    return (
      <ArgsForm
        isPlain
        name="Answer"
        schema={requestedSchema}
        draft={answer.draft}
        onChange={answer.setDraft}
        faults={{ ...answer.faults, ...faults }}
      />
    );
  if (choices) return <ChoiceList choices={choices} answer={answer} />;
  return (
    <Field label="Your answer" error={answer.isIncomplete ? 'Write an answer, or choose “No answer”.' : undefined}>
      {(control) => (
        <TextArea
          {...control}
          rows={3}
          maxLength={4000}
          value={answer.words}
          onChange={({ target }) => answer.setWords(target.value)}
        />
      )}
    </Field>
  );
}

function ChoiceList({ choices, answer }: { choices: NonNullable<Entry['choices']>; answer: Answer }) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="sr-only">Answers</legend>
      {choices.map(({ value, label }, i) => (
        <label
          key={String(value)}
          className="flex items-center gap-2 rounded-lg border border-line px-3 py-2 has-checked:border-accent hover:bg-soft"
        >
          <input type="radio" name="answer" checked={answer.chosen === i} onChange={() => answer.choose(i)} />
          <span className="min-w-0 flex-1 break-words">
            <Text>{label}</Text>
          </span>
          {i < 9 && (
            <span aria-hidden="true" className="font-mono text-xs text-dim max-sm:hidden">
              {i + 1}
            </span>
          )}
        </label>
      ))}
      {answer.isIncomplete && (
        <p role="alert" className="text-sm text-bad">
          Choose an answer.
        </p>
      )}
    </fieldset>
  );
}

/** A page of the service to open. Only http and https addresses become links. */
function PageToOpen({ url, name }: { url: string; name: string }) {
  const address = safeUrl(url);
  if (!address)
    return (
      <p className="text-bad break-all">
        <Text>{`${name} asks to open an address that no page may open: ${url}`}</Text>
      </p>
    );
  return (
    <div className="flex flex-col gap-2">
      <p>
        <Text>{name}</Text> asks the user to open a page at <strong className="break-all">{address.host}</strong>. Open
        it only if you trust that address.
      </p>
      <p className="font-mono text-sm break-all text-dim">
        <Text>{address.href}</Text>
      </p>
      <p>
        <a href={address.href} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
          <ExternalLink size={14} aria-hidden="true" />
          Open {address.host}
        </a>
      </p>
    </div>
  );
}
