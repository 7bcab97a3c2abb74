import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { sessionClient } from '../../session/clients.ts';
import { CreateWorkspaceDialog } from './create-workspace-dialog.tsx';
import { workspaceColumns } from './workspace-columns.tsx';
import { type Workspace, WorkspaceDialog, type WorkspaceDialogName } from './workspace-dialogs.tsx';

type Opened = { name: 'create' } | { name: WorkspaceDialogName; workspace: Workspace };

/** The workspaces of the instance: their names, limits and states, and nothing inside. */
export function InstanceWorkspacesPage() {
  const [opened, open] = useState<Opened>();
  const list = useCursorList({
    key: ['workspaces'],
    read: async (page, signal) => {
      const { workspaces, nextCursor } = await sessionClient.workspaces.list.query(page, { signal });
      return { items: workspaces, nextCursor };
    },
  });
  const close = () => open(undefined);
  return (
    <Page
      title="Workspaces"
      about="A workspace is a tenant: its errands, integrations, users and keys are seen by nobody else. Operators see names and limits, and nothing inside."
      actions={
        <Button look="accent" onClick={() => open({ name: 'create' })}>
          New workspace
        </Button>
      }
    >
      <ListView
        label="Workspaces"
        list={list}
        columns={workspaceColumns((name, workspace) => open({ name, workspace }))}
        keyOf={({ workspaceId }) => workspaceId}
        empty="There is no workspace."
      />
      {opened?.name === 'create' && <CreateWorkspaceDialog onClose={close} />}
      {opened && 'workspace' in opened && (
        <WorkspaceDialog name={opened.name} workspace={opened.workspace} onClose={close} />
      )}
    </Page>
  );
}
