import type { Outputs } from '@errand/client/console';
import { type Role, roleLabels, scopeLabels } from '@errand/contracts/labels';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Select } from '../../controls/field.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Page, Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient, useSession } from '../../session/workspace.tsx';
import { Invitations } from './invitations.tsx';
import { InviteDialog } from './invite-dialog.tsx';

type Member = Outputs['members']['list']['members'][number];

const MEMBERS = [['members']];

/** The people of the workspace and their roles. People who are no administrators see their own role and what it permits. */
export function MembersPage() {
  const off = useOffReason('admin');
  const [isInviting, setInviting] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  return (
    <Page
      title="Members"
      about="People of this workspace. A role says what a person may do here, and nowhere else."
      actions={
        <>
          <Button onClick={() => setLeaving(true)}>Leave</Button>
          <Button look="accent" offBecause={off} onClick={() => setInviting(true)}>
            Invite
          </Button>
        </>
      }
    >
      <OwnRights />
      {off === undefined && (
        <>
          <MemberList />
          <Invitations />
        </>
      )}
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
      {isLeaving && <LeaveDialog onClose={() => setLeaving(false)} />}
    </Page>
  );
}

/** The rights of the person's role, and the rights that it lacks. */
function OwnRights() {
  const { workspace, scopes } = useSession();
  const all = Object.entries(scopeLabels).filter(([scope]) => scope !== 'persons:claim');
  return (
    <Section title={`You: ${workspace?.role ? roleLabels[workspace.role] : 'member'}`}>
      <ul className="grid gap-x-6 sm:grid-cols-2 xl:grid-cols-3">
        {all.map(([scope, text]) => {
          const may = scopes.some((each) => each === scope);
          return (
            <li key={scope} className={may ? '' : 'text-dim'}>
              {may ? 'You may' : 'You may not'} {text}.
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function MemberList() {
  const client = useClient();
  const [removed, remove] = useState<Member>();
  const list = useCursorList({
    key: ['members'],
    read: async (page, signal) => {
      const { members, nextCursor } = await client.members.list.query(page, { signal });
      return { items: members, nextCursor };
    },
  });
  return (
    <Section title="People">
      <ListView
        label="Members"
        list={list}
        columns={columns(remove)}
        keyOf={({ personId }) => personId}
        empty="There is no member."
      />
      {removed && (
        <ConfirmDialog
          title={`Remove ${removed.name}`}
          verb="Remove"
          act={() => client.members.remove.mutate({ personId: removed.personId })}
          done={`${removed.name} is removed.`}
          refresh={MEMBERS}
          onClose={() => remove(undefined)}
        >
          <p>
            <Text>{removed.name}</Text> loses access at the next request. Schedules and actions of the person pause, and
            open invitations that the person made are revoked.
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const columns = (remove: (member: Member) => void): Column<Member>[] => [
  {
    name: 'Name',
    isMain: true,
    cell: ({ name, email }) => (
      <span className="flex flex-col">
        <span className="font-semibold">
          <Text>{name}</Text>
        </span>
        {email !== undefined && (
          <span className="text-dim">
            <Text>{email}</Text>
          </span>
        )}
      </span>
    ),
  },
  { name: 'Role', cell: (member) => <RoleChoice member={member} /> },
  { name: 'Joined', cell: ({ joinedAt }) => <Ago at={joinedAt} /> },
  {
    name: 'Last request',
    cell: ({ seenAt }) => (seenAt === undefined ? <span className="text-dim">never</span> : <Ago at={seenAt} />),
  },
  { name: 'Sessions', isNumeric: true, cell: ({ openSessions }) => openSessions },
  {
    name: '',
    cell: (member) => (
      <Button look="quiet" className="!text-bad" aria-label={`Remove ${member.name}`} onClick={() => remove(member)}>
        Remove
      </Button>
    ),
  },
];

function RoleChoice({ member: { personId, name, role } }: { member: Member }) {
  const client = useClient();
  const [next, setNext] = useState<Role>();
  if (next !== undefined)
    return <RoleDialog {...{ personId, name, role: next }} client={client} onClose={() => setNext(undefined)} />;
  return (
    <Select
      aria-label={`Role of ${name}`}
      className="!w-auto"
      value={role}
      onChange={({ target }) => setNext(target.value as Role)}
    >
      {Object.entries(roleLabels).map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </Select>
  );
}

type RoleDialogProps = {
  personId: string;
  name: string;
  role: Role;
  client: ReturnType<typeof useClient>;
  onClose: () => void;
};

const RoleDialog = ({ personId, name, role, client, onClose }: RoleDialogProps) => (
  <ConfirmDialog
    title={`${name} becomes ${roleLabels[role]}`}
    verb="Change the role"
    act={() => client.members.setRole.mutate({ personId, role })}
    done="The role is changed."
    refresh={[...MEMBERS, ['session']]}
    onClose={onClose}
  >
    <p>The change takes effect at the next request of the person.</p>
  </ConfirmDialog>
);

function LeaveDialog({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const { workspace } = useSession();
  return (
    <ConfirmDialog
      title={`Leave ${workspace?.name}`}
      verb="Leave"
      act={() => client.members.leave.mutate({})}
      done="You have left the workspace."
      refresh={[]}
      onClose={onClose}
      onDone={() => location.assign('/console/account')}
    >
      <p>You lose access to this workspace now. Only an administrator can invite you again.</p>
    </ConfirmDialog>
  );
}
