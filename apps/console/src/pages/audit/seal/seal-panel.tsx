// Whether the stored log is the log that was written: verified in this browser, which trusts no answer of the service.
import { Link } from '@tanstack/react-router';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { Button } from '../../../controls/button.tsx';
import { CopyButton } from '../../../display/copy-button.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { Ago, At } from '../../../display/time.tsx';
import { type Column, Table } from '../../../manage/list-view.tsx';
import { Section } from '../../../manage/page.tsx';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import { actionText } from '../search.ts';
import type { Seen } from './seen.ts';
import { useVerification } from './use-verification.ts';
import { type Fault, type Progress, startAt } from './verify.ts';

export function SealPanel() {
  const { verification, seen, startAll, continueFrom, stop } = useVerification();
  const { state } = verification;
  const offBecause = isSecureContext
    ? undefined
    : 'Browsers compute hashes only on https pages and on this computer. Open the console over https.';
  return (
    <Section
      title="Seal"
      actions={
        state === 'running' ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <>
            {(state === 'stopped' || state === 'failed') && (
              <Button onClick={() => continueFrom(verification.progress)}>Continue</Button>
            )}
            {seen && state === 'none' && (
              <Button offBecause={offBecause} onClick={() => continueFrom(startAt(seen))}>
                Verify what is new
              </Button>
            )}
            <Button offBecause={offBecause} onClick={startAll}>
              Verify the seal
            </Button>
          </>
        )
      }
    >
      <div className="rounded-xl border border-line bg-pane p-3">
        {state === 'none' ? <NotVerified seen={seen} /> : <Verdict state={state} progress={verification.progress} />}
        {state === 'failed' && <ProblemNote error={verification.problem} />}
      </div>
    </Section>
  );
}

const NotVerified = ({ seen }: { seen: Seen | undefined }) =>
  seen ? (
    <p>
      Verified up to entry {seen.seq.toLocaleString()} in this browser, <Ago at={seen.at} />.
    </p>
  ) : (
    <p>Not verified in this browser yet. Your browser reads the whole chain and computes each hash itself.</p>
  );

type VerdictProps = { state: 'running' | 'stopped' | 'failed' | 'done'; progress: Progress };

function Verdict({ state, progress }: VerdictProps) {
  const { last, head, faults, faultCount, checked } = progress;
  return (
    <div className="flex flex-col gap-3">
      {state !== 'done' && (
        <progress
          aria-label="Verified"
          value={last.seq}
          max={Math.max(1, head.seq)}
          className="h-1.5 w-full accent-accent"
        />
      )}
      <div role="status" className="flex flex-col gap-1">
        {state === 'done' && faultCount === 0 && (
          <p className="flex items-center gap-2 font-semibold text-good">
            <ShieldCheck size={16} aria-hidden="true" />
            {head.seq === 0 ? 'The chain has no entry yet.' : 'No entry was changed, moved or removed.'}
          </p>
        )}
        {faultCount > 0 && (
          <p className="flex items-center gap-2 font-semibold text-bad">
            <ShieldAlert size={16} aria-hidden="true" />
            {faultCount === 1 ? 'One fault was found.' : `${faultCount.toLocaleString()} faults were found.`}
          </p>
        )}
        <p>
          {last.seq.toLocaleString()} of {head.seq.toLocaleString()} sealed
          {checked < last.seq && `, ${checked.toLocaleString()} of them verified now`}
          {state === 'stopped' && '; stopped'}
        </p>
      </div>
      {state === 'done' && head.seq > 0 && <Head hash={last.hash} />}
      {faults.length > 0 && <Table label="Faults" columns={COLUMNS} items={faults} keyOf={keyOf} />}
      {faultCount > faults.length && <p className="text-dim">These are the first {faults.length}.</p>}
    </div>
  );
}

const Head = ({ hash }: { hash: string }) => (
  <p className="flex flex-wrap items-center gap-1 text-dim">
    Head <span className="font-mono text-sm break-all text-ink">{hash}</span>
    <CopyButton text={hash} name="the head" />
    <span>Keep it elsewhere: it reveals a chain that is cut or made again.</span>
  </p>
);

const FAULTS: Readonly<Record<Fault['fault'], string>> = {
  gap: 'The entries before it are missing.',
  deleted: 'The entry was deleted; its seal is left.',
  changed: 'The entry was changed, or moved from another position.',
  cut: 'The chain ends before it: this browser saw it earlier.',
  rewritten: 'It has another hash than this browser saw earlier: the chain was made again.',
};
const keyOf = ({ seq, fault }: Fault) => `${seq} ${fault}`;

const COLUMNS: Column<Fault>[] = [
  { name: 'Number', isMain: true, cell: ({ seq }) => seq.toLocaleString() },
  { name: 'Fault', cell: ({ fault }) => FAULTS[fault] },
  { name: 'As it reads now', cell: (fault) => <Now fault={fault} /> },
];

function Now({ fault: { entry, auditId } }: { fault: Fault }) {
  const workspaceId = useWorkspaceId();
  if (!entry || auditId === undefined) return <span className="text-dim">–</span>;
  return (
    <>
      <Link
        to="/w/$workspaceId/audit"
        params={{ workspaceId }}
        search={(before) => ({ ...before, entry: auditId })}
        resetScroll={false}
        className="text-accent underline"
      >
        {actionText(entry.action)}
      </Link>{' '}
      by <Text>{entry.by}</Text>, <At at={entry.at} />
    </>
  );
}
