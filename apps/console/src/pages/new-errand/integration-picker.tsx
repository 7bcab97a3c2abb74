import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import type { Integration } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

type IntegrationPickerProps = { userId: string; chosen: readonly string[]; onChange: (ids: string[]) => void };

/** The integrations that the errand may use, with the state of the user's consent. None chosen: all active ones. */
export function IntegrationPicker({ userId, chosen, onChange }: IntegrationPickerProps) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const { data: integrations = [] } = useQuery({
    queryKey: ['integrations of user', workspaceId, userId],
    queryFn: async ({ signal }) => {
      const user = userId.trim() !== '' && { userId: userId.trim() };
      return (await client.integrations.list.query({ active: true, ...user }, { signal })).integrations;
    },
    placeholderData: (before) => before,
  });
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-semibold">Integrations</legend>
      <p className="mb-2 text-sm text-dim">
        {chosen.length === 0 ? 'All active ones may be used.' : `Only these ${chosen.length} may be used.`}
      </p>
      {integrations.length === 0 && (
        <p className="text-dim">
          None is registered.{' '}
          <Link to="/w/$workspaceId/integrations/new" params={{ workspaceId }} className="text-accent underline">
            Add an integration
          </Link>
        </p>
      )}
      <div className="flex max-h-48 flex-wrap gap-2 overflow-auto p-0.5">
        {integrations.map((integration) => (
          <Chip
            key={integration.customerIntegrationId}
            integration={integration}
            isChosen={chosen.includes(integration.customerIntegrationId)}
            onToggle={() => toggle(integration.customerIntegrationId)}
          />
        ))}
      </div>
    </fieldset>
  );
}

type ChipProps = { integration: Integration; isChosen: boolean; onToggle: () => void };

function Chip({ integration: { name, customerIntegrationId, user }, isChosen, onToggle }: ChipProps) {
  const missing = user && (user.needsReconnect ? 'must be renewed' : !user.active ? 'no consent yet' : undefined);
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      title={customerIntegrationId}
      onClick={onToggle}
      className="flex max-w-full items-center gap-1.5 rounded-full border border-edge bg-pane px-3 py-1 aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
    >
      <span className="truncate">{name}</span>
      {missing !== undefined && (
        <span className="flex items-center gap-1 text-sm whitespace-nowrap">
          <KeyRound size={12} aria-hidden="true" />
          {missing}
        </span>
      )}
    </button>
  );
}
