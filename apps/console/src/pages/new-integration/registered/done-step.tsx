import { Link } from '@tanstack/react-router';
import { buttonClass } from '../../../controls/button.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { Skeleton } from '../../../manage/list-view.tsx';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import { useTools } from '../../integration/tools/use-tools.ts';
import { type Integration, useIntegration } from '../../integration/use-integration.ts';
import { StepFrame } from '../step-frame.tsx';
import { ConnectCard } from './connect-card.tsx';
import { firstErrand } from './first-errand.ts';
import { takesUsers } from './takes-users.ts';

/** What to do with the new integration. */
export function DoneStep({ customerIntegrationId }: { customerIntegrationId: string }) {
  const { data, error, refetch } = useIntegration(customerIntegrationId);
  return (
    <StepFrame title={data ? `${data.name} is ready` : 'Done'}>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="The integration" />}
      {data && <DoneParts integration={data} />}
    </StepFrame>
  );
}

function DoneParts({ integration }: { integration: Integration }) {
  const workspaceId = useWorkspaceId();
  const { customerIntegrationId, name, toolCount, enabledToolCount } = integration;
  const { data: tools = [] } = useTools(customerIntegrationId, toolCount);
  const intent = firstErrand(tools);
  return (
    <>
      <p>
        {enabledToolCount.toLocaleString()} of {toolCount.toLocaleString()} tools are on. Errands may use{' '}
        <Text>{name}</Text> from now on.
      </p>
      {intent !== undefined && (
        <div className="flex max-w-3xl flex-col gap-3 rounded-xl border border-line bg-pane p-4">
          <p>
            A first errand to try:{' '}
            <q className="font-semibold">
              <Text>{intent}</Text>
            </q>
          </p>
          <div>
            <Link
              to="/w/$workspaceId/new"
              params={{ workspaceId }}
              search={{ intent }}
              className={buttonClass('accent')}
            >
              Try it
            </Link>
          </div>
        </div>
      )}
      {takesUsers(integration) && <ConnectCard integration={integration} />}
      <div className="flex flex-wrap gap-2">
        <Link
          to="/w/$workspaceId/integrations/$customerIntegrationId"
          params={{ workspaceId, customerIntegrationId }}
          className={buttonClass()}
        >
          Open the integration
        </Link>
        <Link to="/w/$workspaceId/integrations/new" params={{ workspaceId }} className={buttonClass('quiet')}>
          Add another
        </Link>
      </div>
    </>
  );
}
