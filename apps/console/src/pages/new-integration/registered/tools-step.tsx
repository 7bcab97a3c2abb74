import { Link } from '@tanstack/react-router';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { Empty, Skeleton } from '../../../manage/list-view.tsx';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import { useTools } from '../../integration/tools/use-tools.ts';
import { type Integration, useIntegration } from '../../integration/use-integration.ts';
import { StepFrame } from '../step-frame.tsx';
import { ConfirmIssuer } from './confirm-issuer.tsx';
import { ConnectCard } from './connect-card.tsx';
import { takesUsers } from './takes-users.ts';
import { ToolChoice } from './tool-choice.tsx';
import { TrialCard } from './trial-card.tsx';

type ToolsStepProps = { customerIntegrationId: string; onNext: () => void };

/** A trial of the credential, and the choice of the tools of the registered integration. */
export function ToolsStep({ customerIntegrationId, onNext }: ToolsStepProps) {
  const { data, error, refetch } = useIntegration(customerIntegrationId);
  return (
    <StepFrame title={data ? `Tools of ${data.name}` : 'Tools'}>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="The tools" />}
      {data && <RegisteredParts integration={data} onNext={onNext} />}
    </StepFrame>
  );
}

function RegisteredParts({ integration, onNext }: { integration: Integration; onNext: () => void }) {
  const workspaceId = useWorkspaceId();
  const { name, customerIntegrationId, toolCount, pendingIssuer } = integration;
  return (
    <>
      <p>
        <Text>{name}</Text> is registered as{' '}
        <Link
          to="/w/$workspaceId/integrations/$customerIntegrationId"
          params={{ workspaceId, customerIntegrationId }}
          className="font-mono text-sm break-all text-accent underline"
        >
          {customerIntegrationId}
        </Link>
        .
      </p>
      {pendingIssuer !== undefined && <ConfirmIssuer integration={integration} pendingIssuer={pendingIssuer} />}
      {pendingIssuer === undefined &&
        (takesUsers(integration) ? (
          <ConnectCard integration={integration} />
        ) : (
          <TrialCard customerIntegrationId={customerIntegrationId} />
        ))}
      {toolCount === 0 ? (
        <Empty>
          {integration.kind === 'mcp' && takesUsers(integration)
            ? 'The server lists its tools after the first user has connected. They appear here then.'
            : 'The service has no tools yet.'}
        </Empty>
      ) : (
        <Tools integration={integration} onNext={onNext} />
      )}
    </>
  );
}

function Tools({
  integration: { customerIntegrationId, toolCount },
  onNext,
}: {
  integration: Integration;
  onNext: () => void;
}) {
  const { data, error, refetch } = useTools(customerIntegrationId, toolCount);
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton label="The tools" />;
  return <ToolChoice key={toolCount} customerIntegrationId={customerIntegrationId} tools={data} onNext={onNext} />;
}
