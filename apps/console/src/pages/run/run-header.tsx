// The head of the page: intent, status, the people, the times, and what can be done.
import { isTerminal } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode, useState } from 'react';
import { CopyButton } from '../../display/copy-button.tsx';
import { duration } from '../../display/duration.ts';
import { StatusMark } from '../../display/status.tsx';
import { Text } from '../../display/text.tsx';
import { Ago, At } from '../../display/time.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { RunLog } from './log/log.ts';
import { type Plan, phasesOf, type Run } from './log/phases.ts';
import { useServiceNow } from './log/use-service-now.ts';
import { PhaseBar } from './phase-bar.tsx';

const LONG_INTENT = 160;

type RunHeaderProps = { run: Run; log: RunLog; plan: Plan | undefined; isExpanded: boolean; actions: ReactNode };

export function RunHeader({ run, log, plan, isExpanded, actions }: RunHeaderProps) {
  const workspaceId = useWorkspaceId();
  return (
    <header className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="flex items-center gap-1 text-dim">
          <Link to="/w/$workspaceId/runs" params={{ workspaceId }} className="hover:underline">
            Errands
          </Link>
          <span aria-hidden="true">/</span>
          <code className="font-mono text-sm" title={run.runId}>
            …{run.runId.slice(-6)}
          </code>
          <CopyButton text={run.runId} name="the id of the errand" />
        </p>
        <div className="flex flex-wrap items-center gap-1.5">{actions}</div>
      </div>
      <Intent intent={run.intent} isExpanded={isExpanded} />
      <Facts run={run} />
      {isTerminal(run.status) ? (
        <PhaseBar phases={phasesOf(run, log, plan, 0)} />
      ) : (
        <LivePhases {...{ run, log, plan }} />
      )}
    </header>
  );
}

/** Apart, so that only this ticks. */
const LivePhases = ({ run, log, plan }: { run: Run; log: RunLog; plan: Plan | undefined }) => (
  <PhaseBar phases={phasesOf(run, log, plan, useServiceNow())} />
);

function Intent({ intent, isExpanded }: { intent: string; isExpanded: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = intent.length > LONG_INTENT || intent.includes('\n');
  const isCut = isLong && !isWhole && !isExpanded;
  return (
    <div>
      <h1
        tabIndex={-1}
        className={`text-xl leading-[26px] font-semibold break-words ${isCut ? 'line-clamp-2' : 'whitespace-pre-wrap'}`}
      >
        <Text>{intent}</Text>
      </h1>
      {isLong && !isExpanded && (
        <button type="button" className="min-h-6 text-accent underline" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : 'Show all'}
        </button>
      )}
    </div>
  );
}

function Facts({ run }: { run: Run }) {
  const workspaceId = useWorkspaceId();
  const {
    userId,
    user,
    requestedBy,
    approvers,
    progress,
    createdAt,
    startedAt,
    actionKey,
    rerunOf,
    metadata,
    context,
  } = run;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <StatusMark status={run.status} />
      <Tag label="For">
        <Link to="/w/$workspaceId/runs" params={{ workspaceId }} search={{ userId }} className="hover:underline">
          {user?.name ?? userId}
        </Link>
      </Tag>
      {requestedBy && <Tag label="Asked by">{requestedBy.label}</Tag>}
      {approvers && <Tag label="Approvers">{approvers.map(({ label }) => label).join('; ')}</Tag>}
      {actionKey !== undefined && <Tag label="Action">{actionKey}</Tag>}
      {rerunOf !== undefined && (
        <Tag label="Rerun of">
          <Link to="/w/$workspaceId/runs/$runId" params={{ workspaceId, runId: rerunOf }} className="underline">
            …{rerunOf.slice(-6)}
          </Link>
        </Tag>
      )}
      <span className="text-dim">
        {startedAt === undefined ? 'created' : 'started'}{' '}
        <span className="max-sm:hidden">
          <At at={startedAt ?? createdAt} />,{' '}
        </span>
        <Ago at={startedAt ?? createdAt} />
      </span>
      <span>
        <Duration run={run} />
        {progress && ` · ${progress.done} of ${progress.total} steps`}
      </span>
      {(context !== '' || Object.keys(metadata).length > 0) && <MoreFacts context={context} metadata={metadata} />}
    </div>
  );
}

const Tag = ({ label, children }: { label: string; children: ReactNode }) => (
  <span className="inline-flex max-w-full items-center gap-1 rounded-full border border-line bg-pane px-2 break-all">
    <span className="text-dim whitespace-nowrap">{label}</span>
    {children}
  </span>
);

function Duration({ run: { createdAt, endedAt } }: { run: Run }) {
  if (endedAt === undefined) return <Ticking since={createdAt} />;
  return <>{duration(Date.parse(endedAt) - Date.parse(createdAt))}</>;
}

const Ticking = ({ since }: { since: string }) => <>{duration(useServiceNow() - Date.parse(since))}</>;

const MoreFacts = ({ context, metadata }: Pick<Run, 'context' | 'metadata'>) => (
  <details className="w-full">
    <summary className="text-dim">Context and metadata</summary>
    {context !== '' && <p className="mt-1 break-words whitespace-pre-wrap">{context}</p>}
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4">
      {Object.entries(metadata).map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-dim">{name}</dt>
          <dd className="break-words">{value}</dd>
        </Fragment>
      ))}
    </dl>
  </details>
);
