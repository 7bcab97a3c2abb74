import type { BrowserClient } from '@errand/client/browser';
import { type PendingView, type RequestView, useRun } from '@errand/react';
import { useEffect, useRef } from 'react';
import { call } from './call.ts';
import { Alert, Card } from './card.tsx';

export type PastRun = { runId: string; intent: string; ticket?: string; summary?: string; endedAt?: string };
type Props = { client: BrowserClient; run: PastRun; inbox: PendingView; onEnd: () => void };

/** A request of the user, with its progress and its result. */
export function RunItem({ client, run, inbox, onEnd }: Props) {
  const live = useRun(client, run.endedAt ? undefined : run.runId);
  const { steps, status, connection, result, failure, summary = live.error?.message ?? run.summary } = live;
  const isWaiting = status === 'PAUSED' || status === 'AUTH_REQUIRED';
  const state = summary ?? (isWaiting ? 'Waiting for a person' : 'Working …');
  const item = useRef<HTMLElement>(null);
  useEffect(() => {
    if (connection === 'ended') onEnd();
  }, [connection, onEnd]);
  const connect = (request: RequestView) => {
    void call('POST', '/consents/begin');
    void inbox.connect(request, { redirectUri: `${location.origin}/connected` });
  };
  // The card disappears, so the focus moves to the request.
  const decide = (request: RequestView, decision: 'approve' | 'deny') =>
    inbox.decide(request, { decision }).then(() => item.current?.focus());

  return (
    <article ref={item} tabIndex={-1} aria-label={run.intent}>
      <h3>{run.intent}</h3>
      <ol>
        {steps.map(({ stepId, title, state = 'running' }) => (
          <li key={stepId} className={state}>
            {title} <small>{state}</small>
          </li>
        ))}
      </ol>
      {inbox.pending.map((request) => {
        if (request.runId !== run.runId) return null;
        const act = { decide: decide.bind(null, request), connect: connect.bind(null, request) };
        return <Card key={request.id} request={request} {...act} />;
      })}
      <p role="status">{connection === 'reconnecting' ? 'Reconnecting …' : state}</p>
      <Alert error={failure} />
      {result !== undefined && (
        <details>
          <summary>Details</summary>
          <pre>{JSON.stringify(result, undefined, 2)}</pre>
        </details>
      )}
    </article>
  );
}
