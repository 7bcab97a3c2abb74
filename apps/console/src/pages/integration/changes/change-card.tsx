import { toolChangeLabels } from '@errand/contracts/labels';
import { useQuery } from '@tanstack/react-query';
import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import { Badge } from '../../../display/badge.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import type { Tool } from '../tools/use-tools.ts';
import { AFTER_CHANGE } from '../use-integration.ts';
import { DefinitionDiff, type ToolChange } from './definition-diff.tsx';

type ChangeCardProps = { customerIntegrationId: string; tool: Tool };

/** The change of one tool, to accept or to keep off. */
export function ChangeCard({ customerIntegrationId, tool }: ChangeCardProps) {
  const client = useClient();
  const { name, title, change } = tool;
  const { data, error, refetch } = useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'tool-change', customerIntegrationId, name],
    queryFn: ({ signal }) => client.integrations.toolChange.query({ customerIntegrationId, tool: name }, { signal }),
  });
  return (
    <article
      aria-label={title ?? name}
      className="flex min-w-0 flex-col gap-2 rounded-xl border border-line bg-pane p-3"
    >
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="font-semibold break-words">
          <Text>{title ?? name}</Text>
        </h2>
        {change !== undefined && <Badge look={change === 'removed' ? 'bad' : 'wait'}>{toolChangeLabels[change]}</Badge>}
        <code className="mr-auto font-mono text-sm break-all text-dim">
          <Text>{name}</Text>
        </code>
        {data && (
          <Decisions customerIntegrationId={customerIntegrationId} change={data} readAgain={() => void refetch()} />
        )}
      </div>
      {error != null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && error == null && <div className="h-24" />}
      {data && <DefinitionDiff change={data} />}
    </article>
  );
}

type DecisionsProps = { customerIntegrationId: string; change: ToolChange; readAgain: () => void };

/** Accepts exactly the definition that is shown: if it has changed meanwhile, nothing happens and the newer one is read. */
function Decisions({ customerIntegrationId, change, readAgain }: DecisionsProps) {
  const offBecause = useOffReason('connections:write');
  const props = { customerIntegrationId, change, readAgain };
  const on = useDecision(props, true);
  const off = useDecision(props, false);
  const isRemoved = change.change === 'removed';
  return (
    <>
      <CodeButton
        title="Accept this change from code"
        operation="integrations.acceptTool"
        input={{ customerIntegrationId, tool: change.name, fingerprint: change.fingerprint }}
      />
      <Button offBecause={offBecause} isBusy={off.isBusy} onClick={off.run}>
        {isRemoved ? 'Remove it' : 'Keep it off'}
      </Button>
      {!isRemoved && (
        <Button look="accent" offBecause={offBecause} isBusy={on.isBusy} onClick={on.run}>
          Accept and turn on
        </Button>
      )}
    </>
  );
}

function useDecision({ customerIntegrationId, change, readAgain }: DecisionsProps, enabled: boolean) {
  const client = useClient();
  const { name: tool, fingerprint } = change;
  const done = enabled ? 'The tool is on.' : 'The tool stays off.';
  return useAct({
    act: () => client.integrations.acceptTool.mutate({ customerIntegrationId, tool, fingerprint, enabled }),
    done: change.change === 'removed' ? 'The tool is removed.' : done,
    refresh: [...AFTER_CHANGE, ['integration-tools']],
    onRefused: readAgain,
  });
}
