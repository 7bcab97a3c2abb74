import { effectLabels, toolChangeLabels } from '@errand/contracts/labels';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import { Select } from '../../../controls/field.tsx';
import { Switch } from '../../../controls/switch.tsx';
import { Badge } from '../../../display/badge.tsx';
import { duration } from '../../../display/duration.ts';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { type Column, Empty, Skeleton, Table } from '../../../manage/list-view.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { SearchField } from '../../../manage/search-field.tsx';
import { DAYS, type Days, type IntegrationSearch, TOOL_FILTERS, type ToolFilter } from '../search.ts';
import { type Integration, useChangeSearch } from '../use-integration.ts';
import { ChooseToolsDialog } from './choose-tools-dialog.tsx';
import { ToolDialog } from './tool-dialog.tsx';
import { isInReview, type Tool, type ToolUsage, useSetEffect, useToggle, useTools, useToolUsage } from './use-tools.ts';

const route = getRouteApi('/w/$workspaceId/integrations/$customerIntegrationId');

/** Rows at first, and with each "Show more". */
const STEP = 100;

/** The tools with their switches, effects and use. */
export function ToolsTab({ integration }: { integration: Integration }) {
  const { customerIntegrationId } = integration;
  const search = route.useSearch();
  const change = useChangeSearch();
  const { days = 7 } = search;
  const [limit, setLimit] = useState(STEP);
  const { data: tools, error, refetch } = useTools(customerIntegrationId);
  const usage = useToolUsage(customerIntegrationId, days);
  const usages = useMemo(() => new Map(usage.data?.tools.map((each) => [each.name, each])), [usage.data]);
  const listed = useMemo(() => matching(tools ?? [], search, usages), [tools, search, usages]);
  const opened = tools?.find(({ name }) => name === search.tool);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Bar integration={integration} tools={tools ?? []} search={search} />
      {error != null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {usage.error != null && <ProblemNote error={usage.error} onRetry={() => void usage.refetch()} />}
      {!tools && error == null && <Skeleton label="Tools" />}
      {tools && listed.length === 0 && (
        <Empty>
          {tools.length === 0 ? 'The service has no tools yet. Refresh reads them again.' : 'No tool matches.'}
        </Empty>
      )}
      {listed.length > 0 && (
        <>
          <p role="status" className="text-dim">
            {listed.length === 1 ? '1 tool' : `${listed.length} tools`}
          </p>
          <Table
            label="Tools"
            columns={columnsOf(customerIntegrationId, usages)}
            items={listed.slice(0, limit)}
            keyOf={({ name }) => name}
          />
        </>
      )}
      {listed.length > limit && (
        <Button className="self-center" onClick={() => setLimit(limit + STEP)}>
          Show more
        </Button>
      )}
      {opened && (
        <ToolDialog
          customerIntegrationId={customerIntegrationId}
          tool={opened}
          usage={usages.get(opened.name)}
          onClose={() => change({ tool: undefined })}
        />
      )}
    </div>
  );
}

const FILTERS: Readonly<
  Record<ToolFilter, { text: string; has: (tool: Tool, usage: ToolUsage | undefined) => boolean }>
> = {
  on: { text: 'Those that are on', has: ({ enabled }) => enabled },
  off: { text: 'Those that are off', has: ({ enabled }) => !enabled },
  review: { text: 'Those to review', has: isInReview },
  read: { text: 'Those that read', has: ({ effect }) => effect === 'read' },
  write: { text: 'Those that write', has: ({ effect }) => effect === 'write' },
  called: { text: 'Those that were called', has: (_, usage) => usage !== undefined },
  failed: { text: 'Those that failed', has: (_, usage) => (usage?.errors ?? 0) > 0 },
};

function matching(
  tools: readonly Tool[],
  { q = '', show }: IntegrationSearch,
  usages: ReadonlyMap<string, ToolUsage>,
): Tool[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return tools.filter((tool) => {
    if (show && !FILTERS[show].has(tool, usages.get(tool.name))) return false;
    const text = `${tool.name} ${tool.title ?? ''} ${tool.path ?? ''} ${tool.description ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function columnsOf(customerIntegrationId: string, usages: ReadonlyMap<string, ToolUsage>): Column<Tool>[] {
  const number = (name: string, of: (usage: ToolUsage) => string | undefined): Column<Tool> => ({
    name,
    isNumeric: true,
    cell: (tool) => {
      const usage = usages.get(tool.name);
      return (usage && of(usage)) ?? <span className="text-dim">–</span>;
    },
  });
  return [
    {
      name: 'Tool',
      isMain: true,
      cell: (tool) => <ToolName customerIntegrationId={customerIntegrationId} tool={tool} />,
    },
    { name: 'On', cell: (tool) => <ToolSwitch customerIntegrationId={customerIntegrationId} tool={tool} /> },
    { name: 'Effect', cell: (tool) => <EffectSelect customerIntegrationId={customerIntegrationId} tool={tool} /> },
    number('Calls', ({ calls }) => String(calls)),
    number('Errors', ({ errors }) => String(errors)),
    number('95 % within', ({ p95Ms }) => (p95Ms === undefined ? undefined : duration(p95Ms))),
  ];
}

type ToolProps = { customerIntegrationId: string; tool: Tool };

const operationOf = ({ customerIntegrationId, tool: { name } }: ToolProps): string =>
  name.slice(customerIntegrationId.length + 1);

function ToolName(props: ToolProps) {
  const { tool } = props;
  const operation = operationOf(props);
  return (
    <div className="flex min-w-0 flex-col">
      <Link
        from="/w/$workspaceId/integrations/$customerIntegrationId"
        search={(before) => ({ ...before, tool: tool.name })}
        replace
        resetScroll={false}
        className="self-start font-semibold break-words text-accent"
      >
        <Text>{tool.title ?? operation}</Text>
      </Link>
      <span className="font-mono text-sm break-all text-dim">
        <Text>{tool.method === undefined ? operation : `${tool.method} ${tool.path ?? ''}`}</Text>
      </span>
    </div>
  );
}

function ToolSwitch(props: ToolProps) {
  const { tool } = props;
  const { run, isBusy } = useToggle(props);
  const offReason = useOffReason('connections:write');
  if (tool.change !== undefined)
    return (
      <Link
        from="/w/$workspaceId/integrations/$customerIntegrationId"
        search={{ tab: 'changes' }}
        className="text-wait underline"
      >
        {toolChangeLabels[tool.change]}: review
      </Link>
    );
  const label = tool.title ?? operationOf(props);
  return <Switch label={`On: ${label}`} isOn={tool.enabled} isBusy={isBusy} offBecause={offReason} onToggle={run} />;
}

function EffectSelect(props: ToolProps) {
  const { tool } = props;
  const next = tool.effect === 'read' ? 'write' : 'read';
  const { run, isBusy } = useSetEffect(props, next);
  const offReason = useOffReason('connections:write');
  const words = effectLabels[tool.effect];
  const label = `Effect of ${tool.title ?? operationOf(props)}`;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      {offReason === undefined ? (
        <Select aria-label={label} aria-busy={isBusy} className="!w-auto !py-0.5" value={tool.effect} onChange={run}>
          <option value="read">{effectLabels.read}</option>
          <option value="write">{effectLabels.write}</option>
        </Select>
      ) : (
        words
      )}
      {tool.proposedEffect !== undefined && (
        <Badge look={tool.proposedEffect === 'write' ? 'wait' : 'plain'}>
          its words: {effectLabels[tool.proposedEffect]}
        </Badge>
      )}
    </span>
  );
}

type BarProps = { integration: Integration; tools: readonly Tool[]; search: IntegrationSearch };

const dayTexts: Readonly<Record<Days, string>> = { 1: 'Use of today', 7: 'Use of 7 days', 30: 'Use of 30 days' };

function Bar({ integration: { customerIntegrationId }, tools, search: { q, show, days = 7 } }: BarProps) {
  const change = useChangeSearch();
  const [isChoosing, setChoosing] = useState(false);
  const offReason = useOffReason('connections:write');
  const enabled = tools.flatMap((tool) => (tool.enabled ? [operationOf({ customerIntegrationId, tool })] : []));
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField label="Search the tools" value={q} onChange={(words) => change({ q: words })} />
      <Select
        aria-label="Shown tools"
        className="!w-auto"
        value={show ?? ''}
        onChange={({ target }) => change({ show: TOOL_FILTERS.find((each) => each === target.value) })}
      >
        <option value="">All tools</option>
        {TOOL_FILTERS.map((each) => (
          <option key={each} value={each}>
            {FILTERS[each].text}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Days of use"
        className="!w-auto"
        value={days}
        onChange={({ target }) => change({ days: DAYS.find((each) => String(each) === target.value) })}
      >
        {DAYS.map((each) => (
          <option key={each} value={each}>
            {dayTexts[each]}
          </option>
        ))}
      </Select>
      <div className="ml-auto flex gap-2">
        <CodeButton
          title="Choose the tools from code"
          operation="integrations.setTools"
          input={{ customerIntegrationId, enabled: enabled.slice(0, 500) }}
          note="The list replaces the choice of all tools."
        />
        <Button offBecause={offReason} onClick={() => setChoosing(true)}>
          Choose many…
        </Button>
      </div>
      {isChoosing && (
        <ChooseToolsDialog
          customerIntegrationId={customerIntegrationId}
          tools={tools}
          onClose={() => setChoosing(false)}
        />
      )}
    </div>
  );
}
