import { ProblemNote } from '../../../display/problem-note.tsx';
import { Empty, Skeleton } from '../../../manage/list-view.tsx';
import { useTools } from '../tools/use-tools.ts';
import type { Integration } from '../use-integration.ts';
import { ChangeCard } from './change-card.tsx';
import { EffectCard } from './effect-card.tsx';
import { PendingAddresses } from './pending-addresses.tsx';

/** Cards that are shown. The next ones follow when these are decided. */
const MAX_CARDS = 50;

/** What waits for a review: changed tools, one by one, and new addresses of the service. */
export function ChangesTab({ integration }: { integration: Integration }) {
  const { customerIntegrationId, pendingBaseUrl, pendingIssuer } = integration;
  const { data: tools, error, refetch } = useTools(customerIntegrationId);
  const changed = tools?.filter(({ change }) => change !== undefined) ?? [];
  const doubtful =
    tools?.filter(({ change, proposedEffect }) => change === undefined && proposedEffect === 'write') ?? [];
  const hasAddress = pendingBaseUrl !== undefined || pendingIssuer !== undefined;
  const count = changed.length + doubtful.length;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {error != null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!tools && error == null && <Skeleton label="Changes" />}
      {hasAddress && <PendingAddresses integration={integration} />}
      {tools && count === 0 && !hasAddress && (
        <Empty>
          Nothing waits for a review. Changes that a refresh finds are shown here, and are off until you accept them.
        </Empty>
      )}
      {changed.slice(0, MAX_CARDS).map((tool) => (
        <ChangeCard key={tool.name} customerIntegrationId={customerIntegrationId} tool={tool} />
      ))}
      {doubtful.slice(0, MAX_CARDS).map((tool) => (
        <EffectCard key={tool.name} customerIntegrationId={customerIntegrationId} tool={tool} />
      ))}
      {Math.max(changed.length, doubtful.length) > MAX_CARDS && (
        <p className="text-center text-dim">{count} in all. The others follow when these are decided.</p>
      )}
    </div>
  );
}
