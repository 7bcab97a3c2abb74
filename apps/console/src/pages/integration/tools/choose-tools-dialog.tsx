import { useState } from 'react';
import { FormDialog } from '../../../manage/form-dialog.tsx';
import { useClient } from '../../../session/workspace.tsx';
import { AFTER_CHANGE } from '../use-integration.ts';
import type { Tool } from './use-tools.ts';

const GROUPS = {
  reads: 'Those that read, and no others',
  all: 'All',
  none: 'None',
} as const;
type Group = keyof typeof GROUPS;

type ChooseToolsDialogProps = { customerIntegrationId: string; tools: readonly Tool[]; onClose: () => void };

/** Turns a group of tools on, and the others off. */
export function ChooseToolsDialog({ customerIntegrationId, tools, onClose }: ChooseToolsDialogProps) {
  const client = useClient();
  const [group, setGroup] = useState<Group>('reads');
  const changed = tools.filter(({ change }) => change !== undefined).length;
  return (
    <FormDialog
      title="Choose many tools"
      verb="Choose"
      act={() => client.integrations.setTools.mutate({ customerIntegrationId, enabled: group })}
      done="The tools are chosen."
      refresh={[...AFTER_CHANGE, ['integration-tools']]}
      onClose={onClose}
      onDone={onClose}
    >
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 font-semibold">Tools that are on</legend>
        {Object.entries(GROUPS).map(([value, text]) => (
          <label key={value} className="flex items-center gap-2">
            <input type="radio" name="group" checked={group === value} onChange={() => setGroup(value as Group)} />
            {text}
          </label>
        ))}
      </fieldset>
      <p className="text-dim">
        This replaces the choice of every tool, also one that another person has just made.
        {changed > 0 && ` It also ends the review of ${changed === 1 ? '1 changed tool' : `${changed} changed tools`}.`}
      </p>
    </FormDialog>
  );
}
