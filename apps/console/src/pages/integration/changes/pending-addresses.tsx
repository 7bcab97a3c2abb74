import { useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { Text } from '../../../display/text.tsx';
import { ConfirmDialog } from '../../../manage/confirm-dialog.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useClient } from '../../../session/workspace.tsx';
import { AFTER_CHANGE, type Integration } from '../use-integration.ts';

/** A new address of the service, or of its authorization server, which is used only after it is confirmed. */
export function PendingAddresses({ integration }: { integration: Integration }) {
  const { baseUrl, pendingBaseUrl, pendingIssuer, auth } = integration;
  return (
    <>
      {pendingBaseUrl !== undefined && (
        <Pending
          integration={integration}
          title="The document names another address"
          now={baseUrl}
          next={pendingBaseUrl}
          consequence="Calls go there from then on. Tokens for another origin are not sent there: the owner and the users must enter them again."
          change={{ confirmBaseUrl: pendingBaseUrl }}
        />
      )}
      {pendingIssuer !== undefined && (
        <Pending
          integration={integration}
          title="The server names another authorization server"
          now={auth?.issuer}
          next={pendingIssuer}
          consequence="Users sign in there from then on. Users who have consented before are asked again."
          change={{ confirmIssuer: pendingIssuer }}
        />
      )}
    </>
  );
}

type PendingProps = {
  integration: Integration;
  title: string;
  now: string | undefined;
  next: string;
  consequence: string;
  change: { confirmBaseUrl: string } | { confirmIssuer: string };
};

function Pending({ integration: { customerIntegrationId }, title, now, next, consequence, change }: PendingProps) {
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const offBecause = useOffReason('connections:write');
  return (
    <article className="flex flex-wrap items-center gap-2 rounded-xl border border-wait bg-wait-soft p-3">
      <div className="mr-auto min-w-0">
        <h2 className="font-semibold">{title}</h2>
        <p className="break-all">
          {now !== undefined && (
            <>
              <del className="text-dim">
                <Text>{now}</Text>
              </del>{' '}
            </>
          )}
          <Text>{next}</Text>
        </p>
      </div>
      <Button offBecause={offBecause} onClick={() => setOpen(true)}>
        Confirm…
      </Button>
      {isOpen && (
        <ConfirmDialog
          title="Confirm the new address?"
          verb="Confirm"
          act={() => client.integrations.patch.mutate({ customerIntegrationId, ...change })}
          done="The new address is in use."
          refresh={AFTER_CHANGE}
          onClose={() => setOpen(false)}
        >
          <p className="break-all">
            <Text>{next}</Text>
          </p>
          <p>{consequence}</p>
        </ConfirmDialog>
      )}
    </article>
  );
}
