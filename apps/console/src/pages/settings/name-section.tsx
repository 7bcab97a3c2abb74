import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Field, TextInput } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Section } from '../../manage/page.tsx';
import { useAct } from '../../manage/use-act.ts';
import { sessionClient } from '../../session/clients.ts';
import { useSession, useWorkspaceId } from '../../session/workspace.tsx';

export function NameSection() {
  const workspaceId = useWorkspaceId();
  const { workspace } = useSession();
  const [name, setName] = useState(workspace?.name ?? '');
  const rename = useAct({
    act: () => sessionClient.workspaces.rename.mutate({ workspaceId, name }),
    done: 'The workspace is renamed.',
    refresh: [['session']],
    showsProblem: true,
  });
  return (
    <Section title="Name">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          rename.run();
        }}
      >
        <div className="w-80 max-w-full">
          <Field label="Name of the workspace">
            {(control) => (
              <TextInput
                {...control}
                required
                maxLength={100}
                value={name}
                onChange={({ target }) => setName(target.value)}
              />
            )}
          </Field>
        </div>
        <Button
          type="submit"
          isBusy={rename.isBusy}
          offBecause={name === workspace?.name ? 'The name is unchanged.' : undefined}
        >
          Rename
        </Button>
      </form>
      {rename.error != null && <ProblemNote error={rename.error} />}
    </Section>
  );
}
