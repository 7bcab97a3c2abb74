// One entry of the audit log with everything that its seal covers.

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Dialog } from '../../controls/dialog.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { JsonView } from '../../display/json-view.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { At } from '../../display/time.tsx';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { ActorText } from './actor-text.tsx';
import type { AuditEntry } from './entry.ts';
import { idAfter } from './id-after.ts';
import { SealMark } from './seal-mark.tsx';
import { type AuditFilters, actionText, isUuid } from './search.ts';
import { RunLink, TargetLink } from './target-link.tsx';

export function EntryDialog({ auditId, filters }: { auditId: string; filters: AuditFilters }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['audit', workspaceId, 'entry', auditId],
    queryFn: async ({ signal }) => {
      const { entries } = await client.audit.list.query({ cursor: idAfter(auditId), pageSize: 1 }, { signal });
      return entries.find((entry) => entry.auditId === auditId) ?? null;
    },
  });
  const close = () =>
    void navigate({ to: '/w/$workspaceId/audit', params: { workspaceId }, search: filters, resetScroll: false });
  return (
    <Dialog title={data ? actionText(data.action) : 'Entry'} onClose={close} isWide>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {isPending && !error && <div className="h-64" aria-busy="true" />}
      {data === null && (
        <p>The log has no entry with this id. If it is in the chain, it was deleted from the database.</p>
      )}
      {data && <Entry entry={data} />}
    </Dialog>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { auditId, at, actor, details, seal } = entry;
  return (
    <>
      <dl className="mb-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2.5">
        <Fact name="When">
          <At at={at} />
        </Fact>
        <Fact name="By">
          <ActorText actor={actor} />
        </Fact>
        {actor.id !== undefined && (
          <Fact name="Id of the actor">
            <Id text={actor.id} name="the id of the actor" />
          </Fact>
        )}
        {actor.ip !== undefined && <Fact name="Address">{actor.ip}</Fact>}
        <Fact name="On">
          <TargetLink entry={entry} />
        </Fact>
        {isUuid(details.runId) && (
          <Fact name="Errand">
            <RunLink runId={details.runId} />
          </Fact>
        )}
        <Fact name="Entry">
          <Id text={auditId} name="the id of the entry" />
        </Fact>
        <Fact name="Seal">
          <SealMark entry={entry} />
        </Fact>
        {seal && (
          <Fact name="Hash">
            <Id text={seal.hash} name="the hash" />
          </Fact>
        )}
      </dl>
      <JsonView value={details} fileName={`audit-${auditId}`} />
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-dim">{name}</dt>
    <dd className="min-w-0 break-words">{children}</dd>
  </>
);

const Id = ({ text, name }: { text: string; name: string }) => (
  <span className="inline-flex max-w-full min-w-0 items-center gap-1">
    <span className="min-w-0 font-mono text-sm break-all">
      <Text>{text}</Text>
    </span>
    <CopyButton text={text} name={name} />
  </span>
);
