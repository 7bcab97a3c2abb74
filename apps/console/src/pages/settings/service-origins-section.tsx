import type { Outputs } from '@errand/client/console';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Field, TextInput } from '../../controls/field.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient } from '../../session/workspace.tsx';

type ServiceOrigin = Outputs['workspace']['origins']['origins'][number];
const ORIGINS = [['service origins']];

/** The private addresses that calls of the workspace may reach. */
export function ServiceOriginsSection() {
  const client = useClient();
  const [isAdding, setAdding] = useState(false);
  const [removed, remove] = useState<ServiceOrigin>();
  const list = useCursorList({
    key: ['service origins'],
    read: async (page, signal) => {
      const { origins, nextCursor } = await client.workspace.origins.query(page, { signal });
      return { items: origins, nextCursor };
    },
  });
  return (
    <Section
      title="Services inside your network"
      actions={
        <>
          <CodeButton title="List the origins from code" operation="workspace.origins" input={{}} />
          <Button onClick={() => setAdding(true)}>Allow an origin</Button>
        </>
      }
    >
      <p className="text-dim">
        Errand calls public https addresses. Allow an origin to reach a service at a private address. It has an effect
        while the operator has set <code className="font-mono text-sm">ERRAND_WORKSPACE_ORIGINS</code>.
      </p>
      <ListView
        label="Allowed origins"
        list={list}
        columns={columns(remove)}
        keyOf={({ origin }) => origin}
        empty="No private origin is allowed."
      />
      {isAdding && <AllowDialog onClose={() => setAdding(false)} />}
      {removed && (
        <ConfirmDialog
          title={`Remove ${removed.origin}`}
          verb="Remove"
          act={() => client.workspace.removeOrigin.mutate({ origin: removed.origin })}
          done="The origin is removed."
          refresh={ORIGINS}
          onClose={() => remove(undefined)}
        >
          <p>New calls to it are refused within two seconds. Calls in flight end normally.</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const columns = (remove: (origin: ServiceOrigin) => void): Column<ServiceOrigin>[] => [
  { name: 'Origin', isMain: true, cell: ({ origin }) => <code className="font-mono text-sm">{origin}</code> },
  { name: 'Note', cell: ({ note }) => <Text>{note ?? ''}</Text> },
  { name: 'Allowed by', cell: ({ createdBy }) => <Text>{createdBy}</Text> },
  { name: 'Since', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    name: '',
    cell: (each) => (
      <Button look="quiet" className="!text-bad" aria-label={`Remove ${each.origin}`} onClick={() => remove(each)}>
        Remove
      </Button>
    ),
  },
];

function AllowDialog({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const [origin, setOrigin] = useState('');
  const [note, setNote] = useState('');
  const input = { origin, ...(note !== '' && { note }) };
  return (
    <FormDialog
      title="Allow an origin"
      verb="Allow"
      act={() => client.workspace.allowOrigin.mutate(input)}
      done="The origin is allowed."
      refresh={ORIGINS}
      onClose={onClose}
      actions={<CodeButton title="Allow the origin from code" operation="workspace.allowOrigin" input={input} />}
    >
      <Field label="Origin" hint="Scheme, host and port, without a path: http://10.0.0.7:8080">
        {(control) => (
          <TextInput
            {...control}
            data-first-focus
            required
            maxLength={300}
            value={origin}
            onChange={({ target }) => setOrigin(target.value)}
          />
        )}
      </Field>
      <Field label="Note" hint="What it is for.">
        {(control) => (
          <TextInput {...control} maxLength={500} value={note} onChange={({ target }) => setNote(target.value)} />
        )}
      </Field>
    </FormDialog>
  );
}
