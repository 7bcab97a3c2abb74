import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient } from '../../session/workspace.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { keyColumns } from './key-columns.tsx';
import { type ApiKey, KeyDialog, type KeyDialogName } from './key-dialogs.tsx';

type Opened = { name: 'create' } | { name: KeyDialogName; apiKey: ApiKey };

/** The API keys of the workspace: who made them, what they may do, and when they were used. */
export function KeysPage() {
  const client = useClient();
  const [showsEnded, setShowsEnded] = useState(false);
  const [opened, open] = useState<Opened>();
  const off = useOffReason('admin');
  const list = useCursorList({
    key: ['keys', showsEnded],
    isOff: off !== undefined,
    read: async (page, signal) => {
      const { apiKeys, nextCursor } = await client.apiKeys.list.query(
        { ...page, ...(!showsEnded && { active: true }) },
        { signal },
      );
      return { items: apiKeys, nextCursor };
    },
  });
  const close = () => open(undefined);
  return (
    <Page
      title="API keys"
      about="Programs call Errand with a key. A key does what its scopes permit, in this workspace alone. Errand stores a hash and shows the key once."
      actions={
        <>
          <Button aria-pressed={showsEnded} onClick={() => setShowsEnded(!showsEnded)}>
            {showsEnded ? 'Hide ended keys' : 'Show ended keys'}
          </Button>
          <CodeButton title="List the keys from code" operation="apiKeys.list" input={{ active: true }} />
          <Button look="accent" offBecause={off} onClick={() => open({ name: 'create' })}>
            New key
          </Button>
        </>
      }
    >
      {off === undefined ? (
        <ListView
          label="API keys"
          list={list}
          columns={keyColumns((name, apiKey) => open({ name, apiKey }))}
          keyOf={({ apiKeyId }) => apiKeyId}
          empty="There is no valid key. Create one for each program."
        />
      ) : (
        <p>{off}</p>
      )}
      {opened?.name === 'create' && <CreateKeyDialog onClose={close} />}
      {opened && 'apiKey' in opened && <KeyDialog name={opened.name} apiKey={opened.apiKey} onClose={close} />}
    </Page>
  );
}
