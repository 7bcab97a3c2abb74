import { useRef, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { useClient } from '../session/workspace.tsx';
import { CallBody } from './call-body.tsx';
import { type Draft, faultsOf, hasChanges, isUnreadable, jsonFault, newDraft } from './form/draft.ts';
import { fieldsOf } from './form/fields.ts';
import { isObject, type Json } from './form/json.ts';
import { DecisionBar, offBecause, type PanelProps, ReasonForm } from './panel-parts.tsx';
import { PlanBody } from './plan-body.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import { useDecision } from './use-decision.ts';
import { useDecisionKeys } from './use-decision-keys.ts';

/** Approves or denies a plan or a call. */
export function ApprovalPanel({ entryId, entry, readAgain, onDone, isCompact }: PanelProps) {
  const approvals = useClient().approvals;
  const [draft, setDraft] = useState(() => newDraft(entry.args as Json | undefined));
  const [step, setStep] = useState<'deny' | 'always'>();
  const decision = useDecision({ onDone, readAgain });
  const body = useRef<HTMLDivElement>(null);
  const approve = (args?: Json) =>
    decision.decide(
      () =>
        approvals.decide.mutate({
          approvalId: entryId,
          decision: 'approve',
          ...(args !== undefined && { args: args as never }),
        }),
      args === undefined ? 'Approved.' : 'Approved with changes.',
    );
  const deny = (reason: string) =>
    decision.decide(
      () => approvals.decide.mutate({ approvalId: entryId, decision: 'deny', ...(reason !== '' && { reason }) }),
      'Denied.',
    );
  const isCall = entry.kind === 'call';
  const onChange = isCall && entry.mayDecide && isEditable(entry) ? setDraft : undefined;
  const off = offsOf(entry, draft);
  const faults = { ...faultsOf(draft, fieldsOf(entry.inputSchema ?? {}, draft.values)), ...decision.faults };
  const visibleFaults = hasChanges(draft) || Object.keys(draft.texts).length > 0 ? faults : decision.faults;
  useDecisionKeys(isCompact, [
    { keys: 'a', text: 'Approve', run: () => off.approve ?? approve() },
    isCall && { keys: 'A', text: 'Approve with changes', run: () => off.changes ?? approve(draft.values) },
    onChange !== undefined && { keys: 'e', text: 'Edit the arguments', run: () => focusFirstField(body.current) },
    { keys: 'd', text: 'Deny, with a reason', run: () => off.all ?? setStep('deny') },
    isCall && { keys: 'r', text: 'Always for this tool: make a rule', run: () => off.always ?? setStep('always') },
  ]);
  return (
    <>
      <div ref={body} className="contents">
        {isCall ? (
          <CallBody entry={entry} draft={draft} onChange={onChange} faults={visibleFaults} isCompact={isCompact} />
        ) : (
          <PlanBody entry={entry} isCompact={isCompact} />
        )}
      </div>
      <DecisionBar entry={entry} decision={decision}>
        {step === 'deny' ? (
          <ReasonForm
            label="Why?"
            hint="Optional. It is kept in the record, and the planner reads it."
            button="Deny"
            isBusy={decision.isBusy}
            onSend={deny}
            onCancel={() => setStep(undefined)}
          />
        ) : (
          <Buttons
            {...{ isCall, isCompact, off, isChanged: hasChanges(draft), isBusy: decision.isBusy }}
            onApprove={() => approve()}
            onChanges={() => approve(draft.values)}
            onDeny={() => setStep('deny')}
            onAlways={() => setStep('always')}
          />
        )}
      </DecisionBar>
      {step === 'always' && isObject(draft.values) && (
        <RuleDialog entry={entry} args={draft.values} onClose={() => setStep(undefined)} onMade={() => approve()} />
      )}
    </>
  );
}

/** Calls that are approved together cannot be edited, nor arguments that were too large to send. */
const isEditable = ({ args, calls }: PanelProps['entry']): boolean => isObject(args) && calls === undefined;

const focusFirstField = (body: HTMLElement | null): void =>
  body?.querySelector<HTMLElement>('input, select, textarea')?.focus();

type Offs = Record<'all' | 'approve' | 'changes' | 'always', string | undefined>;

function offsOf(entry: PanelProps['entry'], draft: Draft): Offs {
  const all = offBecause(entry);
  const isChanged = hasChanges(draft);
  const isBroken = isUnreadable(draft, fieldsOf(entry.inputSchema ?? {}, draft.values));
  const fault = jsonFault(draft) ?? (isBroken ? 'A value is not valid yet.' : undefined);
  return {
    all,
    approve: all ?? (isChanged ? 'You changed the arguments. Approve with changes, or reset them.' : fault),
    changes:
      all ??
      (isChanged ? fault : 'You changed nothing.') ??
      (isObject(draft.values) ? undefined : 'The arguments must be an object.'),
    always:
      all ??
      (isChanged ? 'Reset your changes first: a rule is made for the planned arguments.' : undefined) ??
      (isEditable(entry) ? undefined : 'Several calls, or arguments that are too large, make no rule here.'),
  };
}

type ButtonsProps = {
  isCall: boolean;
  isCompact: boolean;
  isChanged: boolean;
  isBusy: boolean;
  off: Offs;
  onApprove: () => void;
  onChanges: () => void;
  onDeny: () => void;
  onAlways: () => void;
};

function Buttons({ isCall, isCompact, isChanged, isBusy, off, ...on }: ButtonsProps) {
  const { onApprove, onChanges, onDeny, onAlways } = on;
  return (
    <>
      {isChanged ? (
        <Button look="good" shortcut="A" isBusy={isBusy} offBecause={off.changes} onClick={onChanges}>
          Approve with changes
        </Button>
      ) : (
        <Button look="good" shortcut="a" isBusy={isBusy} offBecause={off.approve} onClick={onApprove}>
          Approve
        </Button>
      )}
      <Button look="danger" shortcut="d" isBusy={isBusy} offBecause={off.all} onClick={onDeny}>
        Deny…
      </Button>
      {isCall && (
        <Button {...(!isCompact && { shortcut: 'r' })} offBecause={off.always} onClick={onAlways}>
          Always for this tool…
        </Button>
      )}
    </>
  );
}
