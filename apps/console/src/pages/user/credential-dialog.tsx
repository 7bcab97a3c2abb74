import { useQuery } from '@tanstack/react-query';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { Facts } from '../../manage/facts.tsx';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

type CredentialDialogProps = { customerIntegrationId: string; userId: string; name: string; onClose: () => void };

/** What identifies the credential of a user without revealing it, and the values of variables. */
export function CredentialDialog({ customerIntegrationId, userId, name, onClose }: CredentialDialogProps) {
  const client = useClient();
  const target = { customerIntegrationId, userId };
  const { data, error, refetch } = useQuery({
    queryKey: ['users', useWorkspaceId(), 'credential', userId, customerIntegrationId],
    queryFn: ({ signal }) => client.integrations.getUser.query(target, { signal }),
  });
  return (
    <Dialog title={`${userId} at ${name}`} onClose={onClose}>
      <div className="flex min-h-32 flex-col gap-4">
        {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {data && (
          <Facts
            facts={[
              ['Token', data.token ? `ends with ${data.token.last4}` : 'none, or a consent'],
              ['Fingerprint', data.token?.fingerprint ?? '–'],
              ['Scope', data.scope === undefined ? '–' : <Text key="scope">{data.scope}</Text>],
              ['Added', <Ago key="added" at={data.createdAt} />],
              ['Changed', <Ago key="changed" at={data.updatedAt} />],
              ...Object.entries(data.variables ?? {}).map(
                ([variable, value]) => [variable, <Text key={variable}>{String(value)}</Text>] as const,
              ),
            ]}
          />
        )}
        <p className="text-dim">Equal tokens have equal fingerprints. No page shows the credential itself.</p>
        <div className="flex justify-end gap-2">
          <CodeButton title="Read the connection from code" operation="integrations.getUser" input={target} />
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}
