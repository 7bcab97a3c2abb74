import { approvalStrategyLabels } from '@errand/contracts/labels';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Field, Select, TextArea } from '../../controls/field.tsx';
import { NameField } from '../../controls/name-field.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { useClient } from '../../session/workspace.tsx';
import { AFTER_CHANGE, type Integration } from './use-integration.ts';

export type SettingName = 'name' | 'instructions' | 'approvalFloor';
type Floor = Integration['approvalFloor'];

const TITLES: Readonly<Record<SettingName, string>> = {
  name: 'Rename the integration',
  instructions: 'Guidance for planners',
  approvalFloor: 'The minimum of approvals',
};

type FieldDialogProps = { integration: Integration; setting: SettingName; onClose: () => void };

/** Changes one setting, unless another person has changed it since the dialog was opened. */
export function FieldDialog({ integration, setting, onClose }: FieldDialogProps) {
  const { customerIntegrationId } = integration;
  const client = useClient();
  const queries = useQueryClient();
  const [first] = useState(integration[setting] ?? '');
  const [text, setText] = useState(first);
  const act = async () => {
    const now = await client.integrations.get.query({ customerIntegrationId });
    if ((now[setting] ?? '') !== first) {
      await queries.invalidateQueries({ queryKey: AFTER_CHANGE[0] });
      throw changedMeanwhile(now[setting]);
    }
    const value = setting === 'instructions' && text.trim() === '' ? null : text;
    return client.integrations.patch.mutate({ customerIntegrationId, [setting]: value });
  };
  return (
    <FormDialog
      title={TITLES[setting]}
      verb="Change"
      act={act}
      done="The setting is changed."
      refresh={AFTER_CHANGE}
      onClose={onClose}
      onDone={onClose}
    >
      {setting === 'name' && (
        <NameField hint="People and planners see it. The names of the tools stay." value={text} onChange={setText} />
      )}
      {setting === 'instructions' && (
        <Field label="Guidance" hint="Planners get it with every plan that may use the integration.">
          {(control) => (
            <TextArea
              {...control}
              data-first-focus
              rows={6}
              maxLength={10_000}
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          )}
        </Field>
      )}
      {setting === 'approvalFloor' && (
        <Field
          label="A person approves at least"
          hint="Whatever an errand asks for. Lowering it takes an administrator."
        >
          {(control) => (
            <Select
              {...control}
              data-first-focus
              value={text}
              onChange={({ target }) => setText(target.value as Floor)}
            >
              {Object.entries(approvalStrategyLabels).map(([value, { label, consequence }]) => (
                <option key={value} value={value}>
                  {label}: {consequence}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </FormDialog>
  );
}

const changedMeanwhile = (now = '') => ({
  code: 'conflict',
  title: 'Another person has changed it',
  detail: now === '' ? 'It is empty now.' : `It is now: ${now.slice(0, 200)}`,
  remedy: 'Close the dialog and look at the change first.',
  status: 409,
});
