import { useMutation } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { Button, buttonClass } from '../controls/button.tsx';
import { ConsentLink } from '../display/consent-link.tsx';
import { copy } from '../display/copy-button.tsx';
import { Text } from '../display/text.tsx';
import { useClient } from '../session/workspace.tsx';
import { safeUrl } from './entry.ts';
import { DecisionBar, offBecause, type PanelProps } from './panel-parts.tsx';
import { useDecisionKeys } from './use-decision-keys.ts';

/** Gives the link on which a user connects their account. The page cannot consent for them. */
export function ConsentPanel({ entry, isCompact }: PanelProps) {
  const client = useClient();
  const { customerIntegrationId, userId, integrationName = 'the service' } = entry;
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => client.integrations.authUrl.mutate({ customerIntegrationId: customerIntegrationId!, userId }),
  });
  const off = offBecause(entry);
  const url = safeUrl(data?.authorizeUrl);
  useDecisionKeys(isCompact, [
    { keys: 'a', text: 'Make the link for the user', run: () => off ?? mutate() },
    { keys: 'y', text: 'Copy the link for the user', run: () => void (url && copy(url.href)) },
  ]);
  return (
    <>
      <p>
        The errand waits until{' '}
        <strong className="break-words">
          <Text>{userId}</Text>
        </strong>{' '}
        connects their account at{' '}
        <strong>
          <Text>{integrationName}</Text>
        </strong>
        . Only that user can do it, on a page that a link opens.
      </p>
      {url && <ConsentLink url={url.href} userId={userId} />}
      <DecisionBar
        entry={entry}
        decision={{ error, faults: {} }}
        note={<span>The errand goes on by itself after the consent. To give up, cancel the errand on its page.</span>}
      >
        {!url && (
          <Button look="good" shortcut="a" isBusy={isPending} offBecause={off} onClick={() => mutate()}>
            Make the link
          </Button>
        )}
        {url && (
          <>
            <Button look="good" shortcut="y" onClick={() => void copy(url.href)}>
              Copy the link
            </Button>
            <a href={url.href} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
              <ExternalLink size={14} aria-hidden="true" />
              Open it here
            </a>
          </>
        )}
      </DecisionBar>
    </>
  );
}
