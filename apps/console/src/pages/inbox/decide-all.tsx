// One decision about all uncertain effects, such as those after a restore.
import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Field, Select } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useIntegrations } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

const CHOICES = {
  skip: { label: 'Skip the calls', consequence: 'The errands go on without them.' },
  happened: { label: 'The calls happened', consequence: 'Steps that read a lost answer fail.' },
  retry: {
    label: 'Make the calls again',
    consequence: 'Each has its Idempotency-Key. A service that ignores it may act twice.',
  },
} as const;
type Choice = keyof typeof CHOICES;

type Part = NonNullable<Outputs['pending']['decide']['matching']>;
type Sum = Pick<Part, 'decided' | 'skipped'>;

function add(sum: Sum, { decided, skipped }: Part): Sum {
  const all = { ...sum.skipped };
  for (const [code, count] of Object.entries(skipped)) all[code] = (all[code] ?? 0) + count;
  return { decided: sum.decided + decided, skipped: all };
}

/** The dialogs stay when the list empties, to show the result. */
export function DecideAll({ hasSeveral }: { hasSeveral: boolean }) {
  const [stage, enter] = useState<'question' | Sum>();
  const off = useOffReason('approvals:decide');
  const close = () => enter(undefined);
  return (
    <>
      {hasSeveral && (
        <Button offBecause={off} onClick={() => enter('question')}>
          Decide all uncertain effects…
        </Button>
      )}
      {stage === 'question' && <Question onClose={close} onDone={enter} />}
      {typeof stage === 'object' && (
        <ClosingDialog title="The result" onClose={close}>
          <p>{stage.decided.toLocaleString()} decided.</p>
          {Object.entries(stage.skipped).map(([code, count]) => (
            <p key={code}>
              {count.toLocaleString()} skipped: <code className="font-mono text-sm">{code}</code>
            </p>
          ))}
        </ClosingDialog>
      )}
    </>
  );
}

/** Counts, asks for the decision and the number, and decides in requests of 1,000. Closing it stops after the present request. */
function Question({ onClose, onDone }: { onClose: () => void; onDone: (sum: Sum) => void }) {
  const { pending } = useClient();
  const [customerIntegrationId, setIntegrationId] = useState('');
  const [choice, choose] = useState<Choice>('skip');
  const [sum, setSum] = useState<Sum>({ decided: 0, skipped: {} });
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  const filter = { kind: ['effect' as const], ...(customerIntegrationId && { customerIntegrationId }) };
  const send = async (matching: object) =>
    (await pending.decide.mutate({ matching: { filter, decision: choice, ...matching } })).matching!;
  const { data, error, refetch } = useQuery({
    queryKey: ['uncertain effects', useWorkspaceId(), customerIntegrationId],
    queryFn: () => send({}),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const latest = useRef(sum);
  const decide = async () => {
    try {
      for (let last = data; last?.newest !== undefined && isOpen.current; ) {
        const part: Part = await send({ expectedCount: last.remaining, newest: last.newest });
        latest.current = add(latest.current, part);
        setSum(latest.current);
        last = part;
      }
    } catch (failure) {
      void refetch();
      throw failure;
    }
  };
  const number = data?.matched.toLocaleString() ?? '…';
  return (
    <ConfirmDialog
      title="Decide all uncertain effects"
      verb={`Decide ${number}`}
      typed={data ? String(data.matched) : '…'}
      act={decide}
      refresh={[['inbox']]}
      onClose={onClose}
      onDone={() => onDone(latest.current)}
    >
      <p>The answers of these calls were lost, or a backup does not know them. Check at the service first.</p>
      <IntegrationField id={customerIntegrationId} onChange={setIntegrationId} />
      <Choices choice={choice} choose={choose} />
      <p className="font-semibold">{number} wait. Later ones are left out. Decisions cannot be undone.</p>
      <p role="status">{sum.decided > 0 && `${sum.decided.toLocaleString()} decided so far.`}</p>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
    </ConfirmDialog>
  );
}

const IntegrationField = ({ id, onChange }: { id: string; onChange: (id: string) => void }) => {
  const integrations = useIntegrations();
  return (
    <Field label="Integration">
      {(control) => (
        <Select {...control} value={id} onChange={({ target }) => onChange(target.value)}>
          <option value="">All</option>
          {integrations.map(({ customerIntegrationId, name }) => (
            <option key={customerIntegrationId} value={customerIntegrationId}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
};

const Choices = ({ choice, choose }: { choice: Choice; choose: (choice: Choice) => void }) => (
  <fieldset>
    <legend className="font-semibold">Decision</legend>
    {(Object.keys(CHOICES) as Choice[]).map((each) => (
      <label key={each} className="flex items-start gap-2 py-0.5">
        <input type="radio" name="decision" className="mt-1" checked={choice === each} onChange={() => choose(each)} />
        <span>
          <span className="font-semibold">{CHOICES[each].label}</span>: {CHOICES[each].consequence}
        </span>
      </label>
    ))}
  </fieldset>
);
