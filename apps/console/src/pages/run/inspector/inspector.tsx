// A step in detail: its reason, its request and its answer.
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Text } from '../../../display/text.tsx';
import { type StepState, StepStateMark, splitTitle, WriteMark } from '../../../plan/step-state.tsx';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import { stateOf } from '../log/flow-steps.ts';
import type { RunLog, StepRecord } from '../log/log.ts';
import type { Plan, Run } from '../log/phases.ts';
import { callName } from '../log/waterfall.ts';
import { Arguments } from './arguments.tsx';
import { CallDetails } from './call-details.tsx';
import { Fact } from './fact.tsx';

type InspectorProps = { run: Run; log: RunLog; plan: Plan | undefined; stepId: string; callId: string | undefined };

export function Inspector({ run, log, plan, stepId, callId }: InspectorProps) {
  const record = log.steps.get(stepId);
  const details = plan?.steps.find((step) => step.stepId === stepId);
  const planned = plan?.plan.steps.find(({ id }) => id === stepId);
  if (!record && !details) return <p className="text-dim">This errand has no step “{stepId}”.</p>;
  const calls = record ? [...record.calls.values()] : [];
  const call = calls.find(({ toolCallId }) => toolCallId === callId) ?? calls[0];
  const state = stateOf(stepId, record, log);
  const origins = details?.argOrigins ?? {};
  const steps = plan?.steps ?? [];
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <StepHead
        title={details?.title ?? record?.step.title ?? stepId}
        isWrite={details?.effect === 'write'}
        state={state}
      />
      <Texts step={state === 'planned' ? undefined : record?.step} reason={record?.step.reason ?? planned?.reason} />
      {record?.step.takenFrom !== undefined && <TakenFrom runId={record.step.takenFrom} />}
      {calls.length > 1 && call && <CallChoice calls={calls} current={call} />}
      {call ? (
        <CallDetails run={run} call={call} origins={origins} steps={steps} />
      ) : (
        planned && <Arguments args={planned.args} origins={origins} steps={steps} />
      )}
    </div>
  );
}

function StepHead({ title, isWrite, state }: { title: string; isWrite: boolean; state: StepState }) {
  const { integration, operation } = splitTitle(title);
  return (
    <div>
      <h2 className="text-lg font-semibold break-words">{operation}</h2>
      <p className="flex flex-wrap items-center gap-x-3">
        {integration !== undefined && <span className="text-dim">{integration}</span>}
        {isWrite && <WriteMark />}
        <StepStateMark state={state} />
      </p>
    </div>
  );
}

function Texts({ step, reason }: { step: StepRecord['step'] | undefined; reason: string | undefined }) {
  const { text, approval, approvalId } = step ?? {};
  return (
    <>
      {text !== undefined && (
        <p className="break-words">
          <Text>{text}</Text>
        </p>
      )}
      <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-3 gap-y-1">
        {reason && (
          <Fact name="Why">
            <Text>{reason}</Text>
          </Fact>
        )}
        {approvalId !== undefined && approval && <Fact name="Approval">{APPROVALS[approval]}</Fact>}
      </dl>
    </>
  );
}

const APPROVALS = {
  APPROVED: 'approved',
  DENIED: 'denied',
  PENDING: 'asked for',
  NOT_REQUIRED: 'not required',
} as const;

const TakenFrom = ({ runId }: { runId: string }) => (
  <p>
    Taken over from{' '}
    <Link
      to="/w/$workspaceId/runs/$runId"
      params={{ workspaceId: useWorkspaceId(), runId }}
      className="text-accent underline"
    >
      errand …{runId.slice(-6)}
    </Link>
    , not called again.
  </p>
);

type Calls = { calls: readonly Parameters<typeof callName>[0][]; current: Parameters<typeof callName>[0] };

function CallChoice({ calls, current }: Calls) {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs/$runId' });
  const index = calls.indexOf(current);
  const go = (to: number) => {
    const call = calls[to]?.toolCallId;
    if (call !== undefined) void navigate({ search: (before) => ({ ...before, call }), replace: true });
  };
  return (
    <div className="flex items-center gap-1 rounded-lg bg-soft px-2 py-1">
      <Step label="Earlier call" isOff={index === 0} onClick={() => go(index - 1)}>
        <ChevronLeft size={14} aria-hidden="true" />
      </Step>
      <span className="min-w-0 flex-1 truncate text-center">
        Call {index + 1} of {calls.length.toLocaleString()}
        <span className="text-dim"> {callName(current).replace(/^\d+\. ?/, '')}</span>
      </span>
      <Step label="Later call" isOff={index === calls.length - 1} onClick={() => go(index + 1)}>
        <ChevronRight size={14} aria-hidden="true" />
      </Step>
    </div>
  );
}

type StepProps = { label: string; isOff: boolean; onClick: () => void; children: ReactNode };

const Step = ({ label, isOff, onClick, children }: StepProps) => (
  <button
    type="button"
    aria-label={label}
    aria-disabled={isOff}
    className="rounded p-1.5 hover:bg-line aria-disabled:opacity-40"
    onClick={onClick}
  >
    {children}
  </button>
);
