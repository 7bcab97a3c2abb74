// Leads from an entry to the page of what it is about, where there is one.
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyButton } from '../../display/copy-button.tsx';
import { Text } from '../../display/text.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { AuditEntry } from './entry.ts';
import { isUuid } from './search.ts';

type Destination = Pick<LinkProps, 'to' | 'params' | 'search'>;
type DestinationOf = (target: string, workspaceId: string) => Destination;

const toIntegration: DestinationOf = (customerIntegrationId, workspaceId) => ({
  to: '/w/$workspaceId/integrations/$customerIntegrationId',
  params: { workspaceId, customerIntegrationId },
});
const toKeys: DestinationOf = (_, workspaceId) => ({ to: '/w/$workspaceId/keys', params: { workspaceId } });
const toMembers: DestinationOf = (_, workspaceId) => ({ to: '/w/$workspaceId/members', params: { workspaceId } });
const toSettings: DestinationOf = (_, workspaceId) => ({ to: '/w/$workspaceId/settings', params: { workspaceId } });
const toRun: DestinationOf = (runId, workspaceId) => ({
  to: '/w/$workspaceId/runs/$runId',
  params: { workspaceId, runId },
});

/** By the word before the dot of the action. */
const DESTINATIONS: Readonly<Record<string, DestinationOf>> = {
  api_key: toKeys,
  integration: toIntegration,
  tools: toIntegration,
  credential: toIntegration,
  webhook: (webhookId, workspaceId) => ({
    to: '/w/$workspaceId/webhooks/$webhookId',
    params: { workspaceId, webhookId },
  }),
  action: (key, workspaceId) => ({ to: '/w/$workspaceId/actions/$key', params: { workspaceId, key } }),
  schedule: (_, workspaceId) => ({ to: '/w/$workspaceId/schedules', params: { workspaceId } }),
  member: toMembers,
  person: toMembers,
  workspace: toSettings,
};
/** Targets that the action removed, and those without a page. */
const WITHOUT_PAGE = /\.(deleted|removed)$/;

function destinationOf({ action, target, details }: AuditEntry, workspaceId: string): Destination | undefined {
  if (WITHOUT_PAGE.test(action)) return undefined;
  const kind = action.slice(0, action.indexOf('.'));
  const destination = DESTINATIONS[kind];
  if (destination) return destination(target, workspaceId);
  if (kind === 'user_token' && typeof details.userId === 'string')
    return { to: '/w/$workspaceId/users/$userId', params: { workspaceId, userId: details.userId } };
  // Requests and decisions: their run shows them.
  return isUuid(details.runId) ? toRun(details.runId, workspaceId) : undefined;
}

/** What an entry is about, by its name or id. */
export function TargetLink({ entry }: { entry: AuditEntry }) {
  const workspaceId = useWorkspaceId();
  const names = useIntegrationNames();
  const { target } = entry;
  const destination = destinationOf(entry, workspaceId);
  const name = names.get(target) ?? target;
  return (
    <span className="inline-flex max-w-full min-w-0 sm:max-w-72 items-center gap-1 align-top">
      <span className={`min-w-0 truncate leading-6 ${name === target ? 'font-mono text-sm' : ''}`} title={target}>
        <MaybeLink destination={destination}>
          <Text>{name}</Text>
        </MaybeLink>
      </span>
      <CopyButton text={target} name="the target" />
    </span>
  );
}

/** The run in the details of an entry. */
export function RunLink({ runId }: { runId: string }) {
  const workspaceId = useWorkspaceId();
  return (
    <MaybeLink destination={toRun(runId, workspaceId)}>
      <span className="font-mono text-sm">{runId}</span>
    </MaybeLink>
  );
}

const MaybeLink = ({ destination, children }: { destination: Destination | undefined; children: ReactNode }) =>
  destination ? (
    <Link {...(destination as LinkProps)} className="block truncate leading-6 text-accent hover:underline">
      {children}
    </Link>
  ) : (
    children
  );
