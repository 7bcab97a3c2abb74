import { authTypeLabels, reconnectReasonLabels } from '@errand/contracts/labels';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';
import { Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { Fact, Facts } from './fact.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import { Trial } from './trial.tsx';
import type { Integration } from './use-integration.ts';

/** How calls authenticate, without secrets; a new secret; and a trial. */
export function AuthTab({ integration }: { integration: Integration }) {
  const { customerIntegrationId, authType } = integration;
  const [isOpen, setOpen] = useState(false);
  const offBecause = useOffReason('connections:write');
  return (
    <>
      <Section
        title="Authentication"
        actions={
          authType !== 'NONE' && (
            <>
              <CodeButton
                title="Replace the secret from code"
                operation="integrations.patch"
                input={{
                  customerIntegrationId,
                  credential: { secret: '…', ...(authType === 'BASIC' && { user: '…' }) },
                }}
                note="Read the secret from your own store instead of writing it into the program."
              />
              <Button offBecause={offBecause} onClick={() => setOpen(true)}>
                Replace the secret…
              </Button>
            </>
          )
        }
      >
        <Facts>
          <Fact name="Type">{authTypeLabels[authType]}</Fact>
          <Settings integration={integration} />
          <Credential integration={integration} />
        </Facts>
      </Section>
      {authType !== 'NONE' && <Trial integration={integration} />}
      {isOpen && <SecretDialog integration={integration} onClose={() => setOpen(false)} />}
    </>
  );
}

function Settings({ integration: { auth, verifyUrl, toolsUserId } }: { integration: Integration }) {
  const { in: place, name, issuer, clientId, scopes = [] } = auth ?? {};
  const facts: [string, string | undefined][] = [
    ['Sent as', name === undefined ? undefined : `${place === 'query' ? 'query parameter' : 'header'} ${name}`],
    ['Authorization server', issuer],
    ['Client', clientId],
    ['Scopes', scopes.length > 0 ? scopes.join(' ') : undefined],
    ['Consents are confirmed at', verifyUrl],
    ['Tools were read as', toolsUserId],
  ];
  return facts.map(
    ([fact, value]) =>
      value !== undefined && (
        <Fact key={fact} name={fact}>
          <span className="break-all">
            <Text>{value}</Text>
          </span>
        </Fact>
      ),
  );
}

function Credential({ integration: { authType, token } }: { integration: Integration }) {
  if (authType === 'NONE') return null;
  if (!token) return <Fact name="Secret">None of the workspace: each user has their own.</Fact>;
  return (
    <Fact name="Secret">
      {token.last4 !== '' && (
        <>
          ends with <code className="font-mono text-sm">{token.last4}</code>,{' '}
        </>
      )}
      <span className="text-dim">
        fingerprint <code className="font-mono text-sm">{token.fingerprint}</code>
      </span>{' '}
      {token.needsReconnect ? (
        <Badge look="bad">unusable: {reconnectReasonLabels[token.reconnectReason ?? ''] ?? 'enter it again'}</Badge>
      ) : (
        <Badge look="good">stored</Badge>
      )}
    </Fact>
  );
}
