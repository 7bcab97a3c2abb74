import type { Outputs } from '@errand/client/console';
import { roleLabels } from '@errand/contracts/labels';
import { Button } from '../../controls/button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient } from '../../session/workspace.tsx';

type Invitation = Outputs['members']['invitations']['invitations'][number];

/** Invitations that can still be used. */
export function Invitations() {
  const client = useClient();
  const list = useCursorList({
    key: ['invitations'],
    read: async (page, signal) => {
      const { invitations, nextCursor } = await client.members.invitations.query(page, { signal });
      return { items: invitations, nextCursor };
    },
  });
  return (
    <Section title="Open invitations">
      <ListView
        label="Open invitations"
        list={list}
        columns={columns}
        keyOf={({ invitationId }) => invitationId}
        empty="No invitation is open."
      />
    </Section>
  );
}

const columns: Column<Invitation>[] = [
  { name: 'Name', isMain: true, cell: ({ name }) => <Text>{name}</Text> },
  { name: 'Role', cell: ({ role }) => roleLabels[role] },
  { name: 'Invited by', cell: ({ invitedBy }) => <Text>{invitedBy}</Text> },
  { name: 'Ends', cell: ({ expiresAt }) => <Ago at={expiresAt} /> },
  { name: '', cell: (invitation) => <RevokeButton invitation={invitation} /> },
];

function RevokeButton({ invitation: { invitationId, name } }: { invitation: Invitation }) {
  const client = useClient();
  const { run, isBusy } = useAct({
    act: () => client.members.revokeInvitation.mutate({ invitationId }),
    done: 'The invitation is revoked.',
    refresh: [['invitations']],
  });
  return (
    <Button
      look="quiet"
      className="!text-bad"
      aria-label={`Revoke the invitation of ${name}`}
      isBusy={isBusy}
      onClick={run}
    >
      Revoke
    </Button>
  );
}
