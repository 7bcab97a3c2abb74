import type { Outputs } from '@errand/client/console';
import { approvalStrategyLabels } from '@errand/contracts/labels';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CodeButton } from '../../code/code-button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { Facts } from '../../manage/facts.tsx';
import { Skeleton } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

type Status = Outputs['workspace']['status'];

/** What limits the workspace, and what is wrong in it. */
export function StatusSection() {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['workspace status', useWorkspaceId()],
    queryFn: ({ signal }) => client.workspace.status.query({}, { signal }),
  });
  return (
    <Section
      title="Status"
      actions={<CodeButton title="Read the status from code" operation="workspace.status" input={{}} />}
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="The limits" />}
      {data && (
        <>
          <Facts facts={factsOf(data)} />
          <Faults status={data} />
        </>
      )}
    </Section>
  );
}

function factsOf({ limits, ownLimits, approvals, features }: Status): [string, string][] {
  const perKey = limits.requestsPerMinute === 0 ? 'no limit' : limits.requestsPerMinute.toLocaleString();
  return [
    ['Requests of a key in a minute', perKey],
    ['Requests of the workspace in a minute', ownLimits.requestsPerMinute?.toLocaleString() ?? 'no limit of its own'],
    ['Errands that run at once', limits.runsAtOnce.toLocaleString()],
    ['Open errands', `at most ${limits.openRuns.toLocaleString()}`],
    ['Streams', ownLimits.streams?.toLocaleString() ?? 'no limit of its own'],
    ['Integrations', ownLimits.integrations?.toLocaleString() ?? 'no limit of its own'],
    ['Planner', features.model ? 'a model' : 'the built-in one: short sentences about one or two services'],
    [
      'Approvals of every errand',
      approvals.floors.map((each) => approvalStrategyLabels[each].label).join(', ') || 'none',
    ],
    ['Four eyes', approvals.fourEyes ? 'another person than the requester decides' : 'off'],
  ];
}

/** The words of the faults, to complete "CRM: …". */
const faultTexts: Readonly<Record<Status['integrations']['faulty'][number]['faults'][number], string>> = {
  needs_review: 'its tools changed and wait for a review',
  tools_not_read: 'its tools could not be read',
  token_rejected: 'it refuses the token of the workspace',
  token_origin_changed: 'it moved to another address, so the token is not sent',
  base_url_pending: 'a new address waits to be confirmed',
  issuer_pending: 'a new authorization server waits to be confirmed',
  users_must_reconnect: 'users must connect their accounts again',
  failing: 'its calls fail',
};

function Faults({ status: { integrations } }: { status: Status }) {
  const workspaceId = useWorkspaceId();
  if (integrations.withFaults === 0)
    return <p className="text-good">{integrations.total.toLocaleString()} integrations, none with a fault.</p>;
  return (
    <ul className="list-disc pl-5">
      {integrations.faulty.map(({ customerIntegrationId, name, faults }) => (
        <li key={customerIntegrationId}>
          <Link
            to="/w/$workspaceId/integrations/$customerIntegrationId"
            params={{ workspaceId, customerIntegrationId }}
            className="text-accent underline"
          >
            <Text>{name}</Text>
          </Link>
          : {faults.map((fault) => faultTexts[fault]).join('; ')}
        </li>
      ))}
      {integrations.withFaults > integrations.faulty.length && (
        <li>and {integrations.withFaults - integrations.faulty.length} more</li>
      )}
    </ul>
  );
}
