// A call in detail: request and answer as they were sent, and its attempts. The service has removed secrets.
import { callStateLabels } from '@errand/contracts/labels';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { CopyButton } from '../../../display/copy-button.tsx';
import { sizeText } from '../../../display/download.ts';
import { duration } from '../../../display/duration.ts';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { At } from '../../../display/time.tsx';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import { type ToolCall, timeOf } from '../log/log.ts';
import type { Plan, Run } from '../log/phases.ts';
import { ValueOrJson } from '../result-card.tsx';
import { Arguments } from './arguments.tsx';
import { Fact } from './fact.tsx';

type Steps = Plan['steps'];
type CallDetailsProps = { run: Run; call: ToolCall; origins: Steps[number]['argOrigins']; steps: Steps };

export function CallDetails({ run, call, origins, steps }: CallDetailsProps) {
  const isRemoved = run.outputsRemovedAt !== undefined && call.toolParameters === undefined;
  return (
    <>
      <CallFacts call={call} isEnded={run.endedAt !== undefined} />
      <Attempts attempts={call.attemptTimes ?? []} />
      {isRemoved && <p className="text-dim">Arguments and answer were removed after the retention period.</p>}
      {call.leftOut ? (
        <LargeCall
          key={call.toolCallId}
          runId={run.runId}
          call={call}
          bytes={call.leftOut.bytes}
          origins={origins}
          steps={steps}
        />
      ) : (
        !isRemoved && <RequestAndAnswer call={call} origins={origins} steps={steps} />
      )}
    </>
  );
}

const RequestAndAnswer = ({ call, origins, steps }: Omit<CallDetailsProps, 'run'>) => {
  const { toolParameters, toolResult } = call;
  const answer = toolResult?.executionResult;
  return (
    <>
      {toolParameters !== undefined && <Arguments args={toolParameters} origins={origins} steps={steps} />}
      {answer !== undefined && (
        <div>
          <h3 className="font-semibold">Answer</h3>
          <ValueOrJson key={call.toolCallId} value={answer} fileName={`answer-${call.toolCallId}`} label="Answer" />
        </div>
      )}
    </>
  );
};

function LargeCall({
  runId,
  call,
  bytes,
  origins,
  steps,
}: Omit<CallDetailsProps, 'run'> & { runId: string; bytes: number }) {
  const client = useClient();
  const [isWanted, want] = useState(false);
  const { toolCallId } = call;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['call', useWorkspaceId(), runId, toolCallId],
    queryFn: ({ signal }) => client.runs.toolCall.query({ runId, toolCallId }, { signal }),
    enabled: isWanted,
  });
  if (data) return <RequestAndAnswer call={data} origins={origins} steps={steps} />;
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return (
    <p className="flex flex-wrap items-center gap-2 text-dim">
      Arguments and answer have {sizeText(bytes)}.
      <Button isBusy={isFetching} onClick={() => want(true)}>
        Load them
      </Button>
    </p>
  );
}

function CallFacts({ call, isEnded }: { call: ToolCall; isEnded: boolean }) {
  const { toolName, state, startedAt, endedAt, request, status, idempotencyKey, usage, toolResult } = call;
  return (
    <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-3 gap-y-1">
      <Fact name="Tool">
        <code className="font-mono text-sm break-all">{toolName}</code>
      </Fact>
      {request && (
        <Fact name="Request">
          <code className="font-mono text-sm break-all">
            {request.method} {request.host}
            {request.path}
          </code>
        </Fact>
      )}
      {state && (
        <Fact name="State">
          {state === 'intended' && isEnded ? 'not made' : callStateLabels[state]}
          {status !== undefined && <span className="text-dim"> (HTTP {status})</span>}
        </Fact>
      )}
      {startedAt !== undefined && (
        <Fact name="Started">
          <At at={startedAt} />
          {endedAt !== undefined && (
            <span className="text-dim">, took {duration(timeOf(endedAt) - timeOf(startedAt))}</span>
          )}
        </Fact>
      )}
      {toolResult && toolResult.approvalResult.status !== 'NOT_REQUIRED' && (
        <Fact name="Approval">{toolResult.approvalResult.text}</Fact>
      )}
      {idempotencyKey !== undefined && (
        <Fact name="Idempotency key">
          <code className="font-mono text-sm break-all">{idempotencyKey}</code>
          <CopyButton text={idempotencyKey} name="the idempotency key" />
        </Fact>
      )}
      {usage && (
        <Fact name="Tokens">
          {usage.inputTokens} read, {usage.outputTokens} written
        </Fact>
      )}
    </dl>
  );
}

const OUTCOMES = { done: 'done', failed: 'failed', unknown: 'effect unknown' } as const;

function Attempts({ attempts }: { attempts: NonNullable<ToolCall['attemptTimes']> }) {
  if (attempts.length === 0) return null;
  return (
    <div>
      <h3 className="font-semibold">Attempts</h3>
      <ol className="list-decimal pl-5">
        {attempts.map(({ startedAt, endedAt, outcome, status }) => (
          <li key={startedAt}>
            <At at={startedAt} />, {duration(timeOf(endedAt) - timeOf(startedAt))}:{' '}
            <span className={outcome === 'done' ? '' : 'text-bad'}>{OUTCOMES[outcome]}</span>
            {status !== undefined && <span className="text-dim"> (HTTP {status})</span>}
          </li>
        ))}
      </ol>
    </div>
  );
}
