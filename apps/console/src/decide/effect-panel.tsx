import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Field, TextArea, TextInput } from '../controls/field.tsx';
import { CopyButton } from '../display/copy-button.tsx';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';
import { Arguments } from './call-body.tsx';
import type { Entry } from './entry.ts';
import { FoundBefore, RequestPreview } from './facts.tsx';
import { type Json, parseJson } from './form/json.ts';
import { DecisionBar, offBecause, type PanelProps, ReasonForm } from './panel-parts.tsx';
import { useDecision } from './use-decision.ts';
import { useDecisionKeys } from './use-decision-keys.ts';

type Choice = 'happened' | 'retry' | 'skip';

const DONE: Record<Choice, string> = {
  happened: 'Noted: it happened.',
  retry: 'The call is made again.',
  skip: 'The call is skipped.',
};

/** Resolves a write with a lost answer. */
export function EffectPanel({ entryId, entry, readAgain, onDone, isCompact }: PanelProps) {
  const effects = useClient().effects;
  const [choice, choose] = useState<Choice>();
  const decision = useDecision({ at: '/output', onDone, readAgain });
  const off = offBecause(entry);
  const resolve = (choice: Choice, reason: string, output?: Json) =>
    decision.decide(
      () =>
        effects.resolve.mutate({
          effectId: entryId,
          decision: choice,
          ...(reason !== '' && { reason }),
          ...(output !== undefined && { output: output as never }),
        }),
      DONE[choice],
    );
  useDecisionKeys(isCompact, [
    { keys: 'h', text: 'It happened', run: () => off ?? choose('happened') },
    { keys: 'm', text: 'Make the call again', run: () => off ?? choose('retry') },
    { keys: 's', text: 'Skip the call', run: () => off ?? choose('skip') },
  ]);
  return (
    <>
      <p>
        The call was sent, and its answer was lost. Check at {entry.integrationName ?? 'the service'} whether it
        happened, then choose.
      </p>
      {!isCompact && <FoundBefore entry={entry} />}
      <Arguments entry={entry} />
      <RequestPreview entry={entry} />
      <IdempotencyKey entryId={entryId} entry={entry} />
      <DecisionBar entry={entry} decision={decision}>
        <Step {...{ choice, choose, resolve, off, isBusy: decision.isBusy }} />
      </DecisionBar>
    </>
  );
}

type StepProps = {
  choice: Choice | undefined;
  choose: (choice: Choice | undefined) => void;
  resolve: (choice: Choice, reason: string, output?: Json) => void;
  off: string | undefined;
  isBusy: boolean;
};

function Step({ choice, choose, resolve, off, isBusy }: StepProps) {
  const onCancel = () => choose(undefined);
  if (choice === 'happened')
    return (
      <HappenedForm isBusy={isBusy} onCancel={onCancel} onSend={(reason, output) => resolve(choice, reason, output)} />
    );
  if (choice !== undefined)
    return (
      <ReasonForm
        label={choice === 'retry' ? 'Make the call again: why?' : 'Skip the call: why?'}
        hint={
          choice === 'retry'
            ? 'Optional. The service gets the same Idempotency-Key; one that ignores it may act twice.'
            : 'Optional. The errand goes on without the call.'
        }
        button={choice === 'retry' ? 'Make it again' : 'Skip it'}
        isBusy={isBusy}
        onSend={(reason) => resolve(choice, reason)}
        onCancel={onCancel}
      />
    );
  return (
    <>
      <Button look="good" shortcut="h" offBecause={off} onClick={() => choose('happened')}>
        It happened…
      </Button>
      <Button shortcut="m" offBecause={off} onClick={() => choose('retry')}>
        Make it again…
      </Button>
      <Button look="danger" shortcut="s" offBecause={off} onClick={() => choose('skip')}>
        Skip it…
      </Button>
    </>
  );
}

type HappenedProps = { isBusy: boolean; onSend: (reason: string, output?: Json) => void; onCancel: () => void };

function HappenedForm({ isBusy, onSend, onCancel }: HappenedProps) {
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const parsed = text.trim() === '' ? undefined : parseJson(text);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (parsed?.fault === undefined) onSend(reason.trim(), parsed?.value);
  };
  return (
    <form onSubmit={send} className="flex w-full flex-col gap-2">
      <Field
        label="The lost answer, as JSON"
        hint="Optional. Without it, steps that read the answer of this call fail."
        error={parsed?.fault}
      >
        {(control) => (
          <TextArea
            {...control}
            autoFocus
            rows={3}
            spellCheck={false}
            className="font-mono text-sm"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </Field>
      <Field label="Why?" hint="Optional, for the record.">
        {(control) => (
          <TextInput {...control} maxLength={2000} value={reason} onChange={({ target }) => setReason(target.value)} />
        )}
      </Field>
      <div className="flex gap-2">
        <Button type="submit" look="good" isBusy={isBusy} offBecause={parsed?.fault}>
          It happened
        </Button>
        <Button onClick={onCancel}>Back</Button>
      </div>
    </form>
  );
}

/** Newest events that are searched for the call. */
const EVENTS = 100;

/** The key with which a person finds the call in the logs of the service. */
function IdempotencyKey({ entryId, entry }: { entryId: string; entry: Entry }) {
  const client = useClient();
  const { runId } = entry;
  const { data } = useQuery({
    queryKey: ['effect call', useWorkspaceId(), entryId],
    queryFn: async ({ signal }) => {
      const input = { runId, order: 'desc' as const, limit: EVENTS, includeToolCalls: true };
      const { events } = await client.runs.events.query(input, { signal });
      const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
      const calls = steps.find(({ effectId }) => effectId === entryId)?.toolCalls ?? [];
      return calls.find(({ state }) => state === 'uncertain') ?? null;
    },
  });
  if (data?.idempotencyKey === undefined) return null;
  return (
    <p className="flex flex-wrap items-center gap-1 text-sm text-dim">
      Idempotency-Key <code className="font-mono break-all text-ink">{data.idempotencyKey}</code>
      <CopyButton text={data.idempotencyKey} name="the Idempotency-Key" />
      {data.attempts !== undefined && data.attempts > 1 && <span>· {data.attempts} attempts</span>}
    </p>
  );
}
