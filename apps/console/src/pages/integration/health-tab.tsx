import { integrationFaultLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { CodeButton } from '../../code/code-button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { Empty, Skeleton } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import type { IntegrationState } from '../../session/integration-states.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { Fact, Facts } from './fact.tsx';
import type { Tab } from './search.ts';
import type { Integration } from './use-integration.ts';

type HealthTabProps = { integration: Integration; state: IntegrationState | undefined };
type Fault = IntegrationState['faults'][number];

/** Where a fault is dealt with. */
const TABS_OF_FAULTS: Readonly<Record<Fault, Tab>> = {
  needs_review: 'changes',
  tools_not_read: 'settings',
  token_rejected: 'auth',
  token_origin_changed: 'auth',
  base_url_pending: 'changes',
  issuer_pending: 'changes',
  users_must_reconnect: 'users',
  failing: 'tools',
};

/** The faults of an integration with their remedies, its calls, and what its document left out. */
export function HealthTab({ integration, state }: HealthTabProps) {
  const { customerIntegrationId, warnings } = integration;
  if (!state) return <Skeleton label="The health" />;
  return (
    <>
      <Section
        title="State"
        actions={
          <CodeButton
            title="Watch the health from code"
            operation="integrations.health"
            input={{ customerIntegrationIds: [customerIntegrationId] }}
          />
        }
      >
        {state.faults.length === 0 ? <Empty>The integration is well.</Empty> : <Faults state={state} />}
      </Section>
      <Section title="Calls">
        <Calls state={state} />
      </Section>
      {warnings.length > 0 && (
        <Section title="Warnings of its document">
          <ul className="max-h-96 list-disc overflow-auto rounded-xl border border-line bg-pane p-3 pl-7">
            {warnings.map((warning) => (
              <li key={warning} className="break-words">
                <Text>{warning}</Text>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

const Faults = ({ state: { faults, usersToReconnect } }: { state: IntegrationState }) => (
  <ul className="flex flex-col gap-2">
    {faults.map((fault) => (
      <li key={fault} className="rounded-xl border border-wait bg-wait-soft p-3">
        <p className="font-semibold">
          {integrationFaultLabels[fault].label}
          {fault === 'users_must_reconnect' && ` (${usersToReconnect})`}
        </p>
        <p>
          {integrationFaultLabels[fault].remedy}{' '}
          <Link
            from="/w/$workspaceId/integrations/$customerIntegrationId"
            search={{
              tab: TABS_OF_FAULTS[fault],
              ...(fault === 'users_must_reconnect' && { state: 'needs_reconnect' as const }),
            }}
            className="text-accent underline"
          >
            Show
          </Link>
        </p>
      </li>
    ))}
  </ul>
);

function Calls({ state }: { state: IntegrationState }) {
  const workspaceId = useWorkspaceId();
  const { customerIntegrationId, calls, recent, toolsReadAt, failedReads, usersConnected, usersToReconnect } = state;
  const times = [
    ['Last success', calls?.lastSuccessAt],
    ['Last failure', calls?.lastFailureAt],
    ['At its limit until', calls?.limitedUntil],
    ['Stopped after failures until', calls?.outageUntil],
    ['Tools read', toolsReadAt],
  ] as const;
  return (
    <Facts>
      <Fact name="Since yesterday">
        {recent.calls} calls, {recent.errors} errors{' '}
        <Link
          to="/w/$workspaceId/runs"
          params={{ workspaceId }}
          search={{ integration: customerIntegrationId, status: ['FAILED', 'PARTIAL_SUCCESS', 'NO_SUCCESS'] }}
          className="text-accent underline"
        >
          Errands that went wrong
        </Link>
      </Fact>
      {calls && (
        <Fact name="Lately">
          {calls.calls} calls, {calls.failures} failures of the service since <Ago at={calls.since} />
        </Fact>
      )}
      {times.map(
        ([name, at]) =>
          at !== undefined && (
            <Fact key={name} name={name}>
              <Ago at={at} />
            </Fact>
          ),
      )}
      {failedReads > 0 && <Fact name="Failed reads of its tools">{failedReads} one after the other</Fact>}
      <Fact name="Users">
        {usersConnected} connected, {usersToReconnect} of them must reconnect
      </Fact>
    </Facts>
  );
}
