import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useClient } from '../../session/workspace.tsx';
import type { Erased } from './erasure-note.tsx';

type Extent = 'credentials' | 'everything';
type EraseSectionProps = { userId: string; onErased: (erased: Erased) => void };

export function EraseSection({ userId, onErased }: EraseSectionProps) {
  const [isOpen, setOpen] = useState(false);
  const off = useOffReason('connections:write');
  return (
    <Section title="Erase the user">
      <div className="flex flex-wrap items-center gap-4 rounded-xl border border-bad p-4">
        <p className="min-w-64 flex-1">
          Erase the credentials of this user, or everything that Errand stores of them. It cannot be undone.
        </p>
        <CodeButton
          title="Erase everything of the user from code"
          operation="users.erase"
          input={{ userId, erase: 'everything' }}
          note="It cannot be undone. Repeating the call returns the same numbers until the erasure has ended."
        />
        <Button look="danger" offBecause={off} onClick={() => setOpen(true)}>
          Erase…
        </Button>
      </div>
      {isOpen && <EraseDialog userId={userId} onErased={onErased} onClose={() => setOpen(false)} />}
    </Section>
  );
}

function EraseDialog({ userId, onErased, onClose }: EraseSectionProps & { onClose: () => void }) {
  const client = useClient();
  const [extent, setExtent] = useState<Extent>('credentials');
  const offEverything = useOffReason('runs:write');
  return (
    <ConfirmDialog
      title={`Erase ${userId}`}
      verb={extent === 'everything' ? 'Erase everything' : 'Erase the credentials'}
      typed={userId}
      act={async () => onErased(await client.users.erase.mutate({ userId, erase: extent }))}
      done={extent === 'everything' ? 'The erasure has begun.' : 'The credentials are erased.'}
      refresh={[['users'], ['integrations'], ['approval rules'], ['schedules']]}
      onClose={onClose}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="sr-only">What to erase</legend>
        <Choice name="Credentials alone" isChosen={extent === 'credentials'} onChoose={() => setExtent('credentials')}>
          The tokens and consents at all integrations, revoked at the services that support it. User tokens end. Errands
          and their data stay.
        </Choice>
        <Choice
          name="Everything"
          isChosen={extent === 'everything'}
          off={offEverything}
          onChoose={() => setExtent('everything')}
        >
          {offEverything ??
            'Also all errands with their plans, calls, decisions, results and feedback; schedules and approval rules for the user; user tokens; webhook messages about them. Open errands are cancelled first.'}
        </Choice>
      </fieldset>
      {extent === 'everything' && (
        <p className="text-dim">
          What stays: the audit log with the id of the user; actions that were saved from errands of the user; sums of
          usage without the user; backups of the database; everything that the called services store.
        </p>
      )}
    </ConfirmDialog>
  );
}

type ChoiceProps = {
  name: string;
  isChosen: boolean;
  off?: string | undefined;
  onChoose: () => void;
  children: string;
};

const Choice = ({ name, isChosen, off, onChoose, children }: ChoiceProps) => (
  <label className="flex items-start gap-2">
    <input
      type="radio"
      name="extent"
      className="mt-1"
      checked={isChosen}
      aria-disabled={off !== undefined || undefined}
      onChange={() => off === undefined && onChoose()}
    />
    <span>
      <span className="block font-semibold">{name}</span>
      <span className="text-dim">{children}</span>
    </span>
  </label>
);
