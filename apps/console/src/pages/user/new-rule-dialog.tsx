import type { QueryKey } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Field, Select, TextInput } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { useIntegrations } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

type NewRuleDialogProps = { userId: string; refresh: readonly QueryKey[]; onClose: () => void };

const DAY_MS = 86_400_000;
const DAYS = [
  [1, 'tomorrow'],
  [7, 'in 7 days'],
  [30, 'in 30 days'],
  [90, 'in 90 days'],
  [365, 'in a year'],
] as const;

/** Makes a rule for all arguments of a tool. A rule for some arguments begins with a request in the inbox. */
export function NewRuleDialog({ userId, refresh, onClose }: NewRuleDialogProps) {
  const client = useClient();
  const [tool, setTool] = useState('');
  const [days, setDays] = useState(30);
  const [reason, setReason] = useState('');
  const inputOf = () => ({
    tool,
    userId,
    // A year is the longest; the clocks of two computers differ.
    expiresAt: new Date(Date.now() + days * DAY_MS - 60_000).toISOString(),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  });
  return (
    <FormDialog
      title="New approval rule"
      verb="Make the rule"
      act={() => client.approvalRules.create.mutate(inputOf())}
      done="The rule applies within a second."
      refresh={refresh}
      onClose={onClose}
      onDone={onClose}
      actions={
        <CodeButton
          title="Make the rule from code"
          operation="approvalRules.create"
          input={inputOf()}
          note="Each call makes another rule."
        />
      }
    >
      <p>
        Calls of the tool for this user need no approval, whatever their arguments are, until the rule ends. To allow
        some arguments alone, choose “Always for this tool” at a request in the inbox.
      </p>
      <ToolFields tool={tool} onChange={setTool} />
      <Field label="Ends">
        {(control) => (
          <Select {...control} value={days} onChange={({ target }) => setDays(Number(target.value))}>
            {DAYS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Why?" hint="Optional, for the record.">
        {(control) => (
          <TextInput {...control} maxLength={2000} value={reason} onChange={({ target }) => setReason(target.value)} />
        )}
      </Field>
    </FormDialog>
  );
}

const MAX_TOOLS = 1000;

function ToolFields({ tool, onChange }: { tool: string; onChange: (tool: string) => void }) {
  const client = useClient();
  const integrations = useIntegrations();
  const [chosen, choose] = useState<string>();
  const customerIntegrationId = chosen ?? integrations[0]?.customerIntegrationId;
  const { data, error } = useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'tools of a rule', customerIntegrationId],
    queryFn: ({ signal }) =>
      client.integrations.tools.query(
        { customerIntegrationId: customerIntegrationId!, pageSize: MAX_TOOLS },
        { signal },
      ),
    enabled: customerIntegrationId !== undefined,
    select: ({ tools }) => tools.filter(({ enabled }) => enabled),
  });
  return (
    <>
      <Field label="Integration">
        {(control) => (
          <Select
            {...control}
            data-first-focus
            value={customerIntegrationId ?? ''}
            onChange={({ target }) => {
              choose(target.value);
              onChange('');
            }}
          >
            {integrations.map((each) => (
              <option key={each.customerIntegrationId} value={each.customerIntegrationId}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {error && <ProblemNote error={error} />}
      <Field label="Tool">
        {(control) => (
          <Select {...control} required value={tool} onChange={({ target }) => onChange(target.value)}>
            <option value="">{data ? 'Choose a tool' : 'The tools are being read…'}</option>
            {data?.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </>
  );
}
