// One action: its plan, its inputs, a form to run it, and the errands that it created.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button, buttonClass } from '../../controls/button.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { BackLink } from '../../manage/back-link.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { Empty, Skeleton } from '../../manage/list-view.tsx';
import { Page, Section } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { RunsTable } from '../../manage/runs-table.tsx';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { ActionFacts } from './action-facts.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { InputsSection } from './inputs-section.tsx';
import { PlanSection } from './plan-section.tsx';
import { RunSection } from './run-section.tsx';
import { type Action, AFTER_CHANGE, useAction } from './use-action.ts';

const route = getRouteApi('/w/$workspaceId/actions/$key');
type DialogName = 'change' | 'delete';

export function ActionPage() {
  const { key } = route.useParams();
  const { data: action, error, refetch } = useAction(key);
  const [opened, open] = useState<DialogName>();
  const close = () => open(undefined);
  return (
    <Page
      title={key}
      back={<BackLink to="/w/$workspaceId/actions" name="Actions" />}
      actions={action && <PageButtons action={action} open={open} />}
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!action && !error && <Skeleton label="The action" />}
      {action && (
        <>
          <p className="max-w-3xl break-words">
            <Text>{action.intent}</Text>
          </p>
          <ActionFacts action={action} />
          {/* The form begins again after a change of the inputs. */}
          <RunSection key={JSON.stringify(action.inputSchema)} action={action} />
          <PlanSection action={action} />
          <InputsSection action={action} />
          <RunsOfAction actionKey={action.key} />
          {opened === 'change' && <ChangeDialog action={action} onClose={close} />}
        </>
      )}
      {opened === 'delete' && <DeleteDialog actionKey={key} onClose={close} />}
    </Page>
  );
}

function PageButtons({ action: { key }, open }: { action: Action; open: (name: DialogName) => void }) {
  const off = useOffReason('runs:write');
  return (
    <>
      <CopyButton text={key} name="the key of the action" />
      <CodeButton title="Read the action from code" operation="actions.get" input={{ key }} />
      <Button offBecause={off} onClick={() => open('change')}>
        Change
      </Button>
      <Button look="danger" offBecause={off} onClick={() => open('delete')}>
        Delete
      </Button>
    </>
  );
}

function DeleteDialog({ actionKey, onClose }: { actionKey: string; onClose: () => void }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      title={`Delete ${actionKey}`}
      verb="Delete"
      act={async () => {
        await client.actions.delete.mutate({ key: actionKey });
        await navigate({ to: '/w/$workspaceId/actions', params: { workspaceId } });
      }}
      done="The action is deleted."
      refresh={AFTER_CHANGE}
      onClose={onClose}
    >
      <p>Programs that run the action get the error not_found. Its errands stay, and those that run now continue.</p>
    </ConfirmDialog>
  );
}

const MAX_RUNS = 10;

function RunsOfAction({ actionKey }: { actionKey: string }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const { data, error, refetch } = useQuery({
    queryKey: ['actions', workspaceId, 'runs', actionKey],
    queryFn: ({ signal }) => client.runs.list.query({ actionKey, pageSize: MAX_RUNS }, { signal }),
    staleTime: 0,
  });
  return (
    <Section
      title="Errands"
      actions={
        <Link to="/w/$workspaceId/runs" params={{ workspaceId }} search={{ actionKey }} className={buttonClass()}>
          All errands of this action
        </Link>
      }
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="The errands" />}
      {data?.runs.length === 0 && <Empty>The action has not run yet.</Empty>}
      {data && data.runs.length > 0 && <RunsTable runs={data.runs} />}
    </Section>
  );
}
