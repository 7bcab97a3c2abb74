import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { buttonClass } from '../../controls/button.tsx';
import { StatusMark } from '../../display/status.tsx';
import { Text } from '../../display/text.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useIntegrations } from '../../session/integrations.ts';
import { useClient, useMay, useSession, useWorkspaceId } from '../../session/workspace.tsx';

const EXAMPLE = 'Which deals over 50000 does the account Northwind have, and who owns them?';
const LINK_CLASS = 'text-accent underline';

/** The first screen: the purpose of Errand, and which parts of this workspace are set up. */
export const StartPage = () => (
  <Page title="Start">
    <div className="flex max-w-3xl flex-col gap-6">
      <p>
        Errand gets things done in your services. You write an intent and name the user; Errand plans the calls, asks a
        person where the rules require it, makes the calls with the credentials of that user, and returns a result in
        the shape that you asked for. Each step is recorded, and a crash loses nothing.
      </p>
      <ol className="flex flex-col gap-3">
        <IntegrationStep />
        <ErrandStep />
        <ModelStep />
        <MemberStep />
        <CodeStep />
      </ol>
    </div>
  </Page>
);

type StepProps = { title: string; isDone: boolean; children: ReactNode; action?: ReactNode };

const Step = ({ title, isDone, children, action }: StepProps) => (
  <li className="flex items-start gap-3 rounded-xl border border-line bg-pane p-4">
    {isDone ? (
      <CircleCheck size={20} aria-hidden="true" className="mt-0.5 shrink-0 text-good" />
    ) : (
      <CircleDashed size={20} aria-hidden="true" className="mt-0.5 shrink-0 text-dim" />
    )}
    <div className="min-w-0 flex-1">
      <h2 className="font-semibold">
        {title}
        <span className="sr-only">{isDone ? ' (done)' : ' (open)'}</span>
      </h2>
      <div className="mt-1 break-words text-dim">{children}</div>
    </div>
    {action}
  </li>
);

const MAX_NAMES = 3;

function IntegrationStep() {
  const workspaceId = useWorkspaceId();
  const integrations = useIntegrations();
  const names = integrations.slice(0, MAX_NAMES).map(({ name }) => name);
  const others = integrations.length - names.length;
  return (
    <Step
      title="Connect a service"
      isDone={integrations.length > 0}
      action={
        <Link to="/w/$workspaceId/integrations/new" params={{ workspaceId }} className={buttonClass()}>
          Add
        </Link>
      }
    >
      {integrations.length === 0 ? (
        'An OpenAPI document, an MCP server, or an entry of the catalog becomes tools for errands.'
      ) : (
        <>
          <Text>{names.join(', ')}</Text>
          {others > 0 && ` and ${others} more`}
        </>
      )}
    </Step>
  );
}

function ErrandStep() {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const { data } = useQuery({
    queryKey: ['last errand', workspaceId],
    queryFn: ({ signal }) => client.runs.list.query({ pageSize: 1 }, { signal }),
  });
  const last = data?.runs[0];
  return (
    <Step
      title="Run an errand"
      isDone={last !== undefined}
      action={
        <Link
          to="/w/$workspaceId/new"
          params={{ workspaceId }}
          search={{ intent: EXAMPLE }}
          className={buttonClass('accent')}
        >
          New errand
        </Link>
      }
    >
      {last ? (
        <span className="flex flex-wrap items-center gap-x-2">
          <StatusMark status={last.status} />
          <Link to="/w/$workspaceId/runs/$runId" params={{ workspaceId, runId: last.runId }} className={LINK_CLASS}>
            <Text>{last.intent}</Text>
          </Link>
        </span>
      ) : (
        `For example: “${EXAMPLE}” The demo CRM of \`pnpm start\` answers it.`
      )}
    </Step>
  );
}

function ModelStep() {
  const { features } = useSession();
  return (
    <Step title="Set a model that plans" isDone={features.model}>
      {features.model ? (
        'A model plans the errands of this instance.'
      ) : (
        <>
          The built-in planner understands short sentences about one or two services. For free wording the operator sets{' '}
          <code className="font-mono text-sm">ERRAND_MODEL_PROVIDER</code>,{' '}
          <code className="font-mono text-sm">ERRAND_MODEL</code> and{' '}
          <code className="font-mono text-sm">ERRAND_MODEL_API_KEY</code>, then restarts the service.
        </>
      )}
    </Step>
  );
}

function MemberStep() {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const off = useOffReason('admin');
  const { data } = useQuery({
    queryKey: ['members', workspaceId, 'first'],
    queryFn: ({ signal }) => client.members.list.query({ pageSize: 2 }, { signal }),
    enabled: off === undefined,
  });
  if (off !== undefined) return null;
  const isDone = (data?.members.length ?? 0) > 1;
  return (
    <Step
      title="Invite a person"
      isDone={isDone}
      action={
        <Link to="/w/$workspaceId/members" params={{ workspaceId }} className={buttonClass()}>
          Members
        </Link>
      }
    >
      {isDone
        ? 'Other people decide requests here, too.'
        : 'A decider approves writes of errands, and changes nothing else.'}
    </Step>
  );
}

function CodeStep() {
  const workspaceId = useWorkspaceId();
  const isAdmin = useMay('admin');
  const input = { intent: EXAMPLE, userId: 'user-123', selectedCustomerIntegrationIds: ['*'] };
  return (
    <Step
      title="Call it from code"
      isDone={false}
      action={
        <CodeButton
          title="Create an errand from code"
          operation="runs.create"
          input={input}
          note="Each call creates another errand."
        />
      }
    >
      {isAdmin ? (
        <>
          Your program needs a{' '}
          <Link to="/w/$workspaceId/keys" params={{ workspaceId }} className={LINK_CLASS}>
            key
          </Link>
          .
        </>
      ) : (
        'Your program needs a key. An administrator makes one.'
      )}
    </Step>
  );
}
