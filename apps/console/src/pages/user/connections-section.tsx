// The consents and credentials of a user, by integration.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { type Column, Empty, Table } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { ConnectDialog } from './connect-dialog.tsx';
import { type Connection, ConnectionBadge, connectionState, reasonOf } from './connection-badge.tsx';
import { CredentialDialog } from './credential-dialog.tsx';

type Opened = { dialog: 'connect' } | { dialog: 'renew' | 'delete' | 'details'; connection: Connection };
type ConnectionsProps = { userId: string; connections: readonly Connection[] };

export function ConnectionsSection({ userId, connections }: ConnectionsProps) {
  const names = useIntegrationNames();
  const off = useOffReason('connections:write');
  const [opened, open] = useState<Opened>();
  const nameOf = ({ customerIntegrationId }: Connection) => names.get(customerIntegrationId) ?? customerIntegrationId;
  const columns: Column<Connection>[] = [
    { name: 'Integration', isMain: true, cell: (each) => <IntegrationLink connection={each} name={nameOf(each)} /> },
    { name: 'State', cell: (each) => <StateCell connection={each} /> },
    { name: 'Scope', cell: ({ scope }) => (scope === undefined ? <Dash /> : <Text>{scope}</Text>) },
    { name: 'Last used', cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? <Dash /> : <Ago at={lastUsedAt} />) },
    { name: 'Changed', cell: ({ updatedAt }) => <Ago at={updatedAt} /> },
    { name: '', cell: (each) => <RowButtons connection={each} name={nameOf(each)} off={off} open={open} /> },
  ];
  return (
    <Section
      title="Connections"
      actions={
        <Button offBecause={off} onClick={() => open({ dialog: 'connect' })}>
          Connect
        </Button>
      }
    >
      {connections.length === 0 ? (
        <Empty>This user has no account connected. An errand that needs one waits for it.</Empty>
      ) : (
        <Table
          label="Accounts of the user"
          columns={columns}
          items={connections}
          keyOf={({ customerIntegrationId }) => customerIntegrationId}
        />
      )}
      {opened && <OpenedDialog {...{ userId, opened, nameOf }} onClose={() => open(undefined)} />}
    </Section>
  );
}

const Dash = () => <span className="text-dim">–</span>;

function IntegrationLink({ connection: { customerIntegrationId }, name }: { connection: Connection; name: string }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/integrations/$customerIntegrationId"
      params={{ workspaceId, customerIntegrationId }}
      className="font-semibold break-words text-accent underline"
    >
      <Text>{name}</Text>
    </Link>
  );
}

function StateCell({ connection }: { connection: Connection }) {
  const reason = reasonOf(connection);
  return (
    <span className="flex flex-wrap items-center gap-1">
      <ConnectionBadge connection={connection} />
      {reason !== undefined && (
        <span className="text-dim">
          <Text>{reason}</Text>
        </span>
      )}
    </span>
  );
}

type RowButtonsProps = {
  connection: Connection;
  name: string;
  off: string | undefined;
  open: (opened: Opened) => void;
};

function RowButtons({ connection, name, off, open }: RowButtonsProps) {
  const state = connectionState(connection);
  return (
    <span className="flex flex-wrap gap-1 sm:justify-end">
      <Button look="quiet" aria-label={`Details of ${name}`} onClick={() => open({ dialog: 'details', connection })}>
        Details
      </Button>
      <Button
        look="quiet"
        offBecause={off}
        aria-label={`${state === 'connected' ? 'Renew' : 'Connect'} ${name}`}
        onClick={() => open({ dialog: 'renew', connection })}
      >
        {state === 'connected' ? 'Renew' : 'Connect'}
      </Button>
      {state !== 'not_connected' && (
        <Button
          look="quiet"
          className="!text-bad"
          offBecause={off}
          aria-label={`Delete the credentials at ${name}`}
          onClick={() => open({ dialog: 'delete', connection })}
        >
          Delete
        </Button>
      )}
    </span>
  );
}

type OpenedDialogProps = {
  userId: string;
  opened: Opened;
  nameOf: (connection: Connection) => string;
  onClose: () => void;
};

function OpenedDialog({ userId, opened, nameOf, onClose }: OpenedDialogProps) {
  const client = useClient();
  if (opened.dialog === 'connect') return <ConnectDialog userId={userId} onClose={onClose} />;
  const { customerIntegrationId } = opened.connection;
  const target = { customerIntegrationId, userId };
  if (opened.dialog === 'renew') return <ConnectDialog {...target} onClose={onClose} />;
  const name = nameOf(opened.connection);
  if (opened.dialog === 'details') return <CredentialDialog {...target} name={name} onClose={onClose} />;
  return (
    <ConfirmDialog
      title={`Delete the credentials at ${name}`}
      verb="Delete"
      act={() => client.integrations.deleteCredentials.mutate(target)}
      done="The credentials are deleted."
      refresh={[['users'], ['integrations']]}
      onClose={onClose}
    >
      <p>
        The credentials of <Text>{userId}</Text> at <Text>{name}</Text> are erased, and revoked at the service if it
        supports that. Errands that need them wait until the user connects again.
      </p>
    </ConfirmDialog>
  );
}
