// Facts about a decision request: its subject, what was found before, the request that it makes, how long it stays open.

import { effectLabels, expiryLabels, requestKindLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyButton } from '../display/copy-button.tsx';
import { Text } from '../display/text.tsx';
import { Ago, duration, useNow } from '../display/time.tsx';
import { useWorkspaceId } from '../session/workspace.tsx';
import { type Entry, sentenceOf } from './entry.ts';

const HAS_TOOL = new Set<Entry['kind']>(['call', 'effect', 'input']);

/** The sentence of the request, its errand and its times. */
export function Heading({ entry, children }: { entry: Entry; children?: ReactNode }) {
  const { kind, integrationName, title } = entry;
  return (
    <header className="flex flex-col gap-1">
      <p className="flex flex-wrap items-baseline gap-x-2 text-sm text-dim">
        <span className="font-semibold text-wait">{requestKindLabels[kind]}</span>
        {kind === 'consent' && <Text>{title}</Text>}
        {HAS_TOOL.has(kind) && <Text>{[integrationName, title].filter(Boolean).join(': ')}</Text>}
        {children}
      </p>
      <h2 className="text-lg font-semibold break-words whitespace-pre-wrap">
        <Text>{sentenceOf(entry)}</Text>
      </h2>
      {entry.inWords?.reason !== undefined && entry.inWords.reason !== title && (
        <p className="break-words text-dim">
          <Text>{entry.inWords.reason}</Text>
        </p>
      )}
    </header>
  );
}

/** The errand that asks, its user, its requester, and the time since then. */
export function ErrandLine({ entry }: { entry: Entry }) {
  const workspaceId = useWorkspaceId();
  const { runId, intent, userId, requestedBy, approvers, askedAt } = entry;
  return (
    <p className="break-words text-dim">
      <Link
        to="/w/$workspaceId/runs/$runId"
        params={{ workspaceId, runId }}
        className="text-ink underline decoration-line underline-offset-2 hover:decoration-current"
      >
        <Text>{intent}</Text>
      </Link>
      {entry.leftOut?.fields.includes('intent') && '…'} · for <Text>{userId}</Text>
      {requestedBy && (
        <>
          {' '}
          · asked for by <Text>{requestedBy.label}</Text>
        </>
      )}
      {approvers && (
        <>
          {' '}
          · only <Text>{approvers.map(({ label }) => label).join('; ')}</Text> may decide
          {approvers.every((approver) => !approver.mayDecide) && ', but none of them can any more: it will expire'}
        </>
      )}{' '}
      · <Ago at={askedAt} />
    </p>
  );
}

const HOUR_MS = 3_600_000;

/** When the request expires, and what that means. It counts down in the last hour. */
export function Expiry({ entry }: { entry: Pick<Entry, 'expiresAt' | 'onExpiry'> }) {
  const now = useNow();
  const { expiresAt, onExpiry } = entry;
  if (expiresAt === undefined) return null;
  const left = new Date(expiresAt).getTime() - now;
  if (left <= 0) return <span className="text-bad">Expired.</span>;
  const isSoon = left < HOUR_MS;
  return (
    <span className={isSoon ? 'font-semibold text-wait' : 'text-dim'}>
      Expires {isSoon ? `in ${duration(Math.floor(left / 1000) * 1000)}` : <Ago at={expiresAt} />}; then{' '}
      {expiryLabels[onExpiry]}.
    </span>
  );
}

/** The request that the call makes. */
export function RequestPreview({ entry }: { entry: Entry }) {
  const { request, effect, argsHash, tool } = entry;
  if (!request && !tool) return null;
  return (
    <section aria-label="Effect" className="flex flex-col gap-1">
      <h3 className="font-semibold">Effect</h3>
      <p className="flex flex-wrap items-baseline gap-x-2 break-all">
        {effect && (
          <span className={`font-semibold ${effect === 'write' ? 'text-write' : 'text-dim'}`}>
            {effectLabels[effect]}
          </span>
        )}
        {request ? (
          <code className="font-mono text-sm">
            {request.method} {request.host}
            {request.path}
          </code>
        ) : (
          <code className="font-mono text-sm">{tool}</code>
        )}
      </p>
      {argsHash !== undefined && (
        <p className="flex items-center gap-1 text-sm text-dim">
          SHA-256 <code className="font-mono">{argsHash.slice(0, 12)}</code>
          <CopyButton text={argsHash} name="the SHA-256 of the request" />
        </p>
      )}
    </section>
  );
}

/** The names behind ids, and the values that earlier steps found. */
export function FoundBefore({ entry }: { entry: Entry }) {
  const found = (entry.inWords?.args ?? []).filter(
    ({ from, name }) => name !== undefined || from === 'step' || from === 'item',
  );
  if (found.length === 0) return null;
  return (
    <section aria-label="Found before" className="flex flex-col gap-1">
      <h3 className="font-semibold">Found before</h3>
      <ul className="flex flex-col gap-0.5">
        {found.map(({ pointer, label, name, text, origin }) => (
          <li key={pointer} className="break-words">
            <span className="text-dim">
              <Text>{label}</Text>:
            </span>{' '}
            <Text>{name ?? text}</Text>
            {name !== undefined && (
              <code className="ml-1 font-mono text-sm text-dim">
                <Text>{text}</Text>
              </code>
            )}{' '}
            <span className="text-dim">
              (<Text>{origin}</Text>)
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
