import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Field, TextInput } from '../../controls/field.tsx';
import { type Entry, entryIdOf } from '../../decide/entry.ts';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { type ItemOutcome, OutcomeList } from '../../manage/bulk/outcome-list.tsx';
import { useClient } from '../../session/workspace.tsx';

/** The most that one request of the API decides. */
export const MAX_DECISIONS = 100;

type BulkBarProps = {
  /** The selected calls, of one tool. */
  entries: readonly Entry[];
  /** How many more calls of the same tool are open. */
  others: number;
  onSelectAll: () => void;
  onClear: () => void;
  /** The calls that were decided. */
  onDecided: (ids: string[]) => void;
};

/** Decides about several calls of one tool together. */
export function BulkBar({ entries, others, onSelectAll, onClear, onDecided }: BulkBarProps) {
  const [asked, ask] = useState<Asked>();
  // The dialog stays when its calls are decided, to show the results.
  if (asked) return <BulkDialog {...asked} onClose={() => ask(undefined)} onDecided={onDecided} />;
  const first = entries[0];
  if (!first) return null;
  const off = entries.length > MAX_DECISIONS ? `At most ${MAX_DECISIONS} at once.` : undefined;
  return (
    <section
      aria-label="Selected calls"
      className="flex flex-wrap items-center gap-2 rounded-xl border border-accent bg-pane p-2.5"
    >
      <p className="min-w-0 basis-full break-words">
        {entries.length === 1 ? 'One call' : `${entries.length} calls`} of “<Text>{first.title}</Text>”
      </p>
      <Button look="good" offBecause={off} onClick={() => ask({ entries, decision: 'approve' })}>
        Approve {entries.length}…
      </Button>
      <Button look="danger" offBecause={off} onClick={() => ask({ entries, decision: 'deny' })}>
        Deny {entries.length}…
      </Button>
      {others > 0 && <Button onClick={onSelectAll}>Select {others} more</Button>}
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}

type Asked = { entries: readonly Entry[]; decision: 'approve' | 'deny' };
type BulkDialogProps = Asked & {
  onClose: () => void;
  onDecided: (ids: string[]) => void;
};

/** Shows all calls before the decision, and the result of each after it. */
function BulkDialog({ entries, decision, onClose, onDecided }: BulkDialogProps) {
  const client = useClient();
  const [reason, setReason] = useState('');
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () =>
      client.pending.decide.mutate({
        decisions: entries.map((entry) => ({
          approvalId: entryIdOf(entry),
          decision,
          ...(reason.trim() !== '' && { reason: reason.trim() }),
        })),
      }),
  });
  const results = new Map(data?.results.map((result) => [result.approvalId as string, result]));
  const close = () => {
    onClose();
    if (data) onDecided([...results.keys()]);
  };
  const name = `${decision === 'approve' ? 'Approve' : 'Deny'} ${entries.length} calls`;
  return (
    <Dialog title={data ? 'The results' : `${name}?`} onClose={close} isWide>
      <div className="flex flex-col gap-3">
        <OutcomeList
          label="Calls"
          items={entries}
          keyOf={entryIdOf}
          outcomeOf={(entry) => (data ? outcomeOf(results.get(entryIdOf(entry))) : undefined)}
        >
          {({ text, intent, userId }) => (
            <>
              <Text>{text}</Text>
              <span className="block text-sm text-dim">
                <Text>{intent}</Text> · for <Text>{userId}</Text>
              </span>
            </>
          )}
        </OutcomeList>
        {error && <ProblemNote error={error} />}
        {!data && decision === 'deny' && (
          <Field label="Why?" hint="Optional. It is kept in the record, and the planner reads it.">
            {(control) => (
              <TextInput
                {...control}
                maxLength={2000}
                value={reason}
                onChange={({ target }) => setReason(target.value)}
              />
            )}
          </Field>
        )}
        <div className="flex flex-wrap items-center gap-2">
          {data ? (
            <Button look="accent" data-first-focus onClick={close}>
              Close
            </Button>
          ) : (
            <>
              <Button look={decision === 'approve' ? 'good' : 'danger'} isBusy={isPending} onClick={() => mutate()}>
                {name}
              </Button>
              <Button onClick={close}>Back</Button>
              <span className="text-sm text-dim">Decisions cannot be undone.</span>
            </>
          )}
        </div>
      </div>
    </Dialog>
  );
}

type ResultOf = {
  approval?: { decision: string } | undefined;
  error?: { title: string; detail?: string | undefined } | undefined;
};

function outcomeOf(result: ResultOf | undefined): ItemOutcome {
  if (result?.approval) return { isDone: true, text: result.approval.decision === 'approve' ? 'Approved.' : 'Denied.' };
  const { title = 'No answer', detail = '' } = result?.error ?? {};
  return { isDone: false, text: `${title}. ${detail}` };
}
