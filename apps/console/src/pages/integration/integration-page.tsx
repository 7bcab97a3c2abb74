import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Badge } from '../../display/badge.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { ServiceLogo } from '../../display/service-logo.tsx';
import { Text } from '../../display/text.tsx';
import { Skeleton } from '../../manage/list-view.tsx';
import { useIntegrationStates } from '../../session/integration-states.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { AuthTab } from './auth-tab.tsx';
import { ChangesTab } from './changes/changes-tab.tsx';
import { HealthTab } from './health-tab.tsx';
import { TABS, type Tab } from './search.ts';
import { SettingsTab } from './settings-tab.tsx';
import { ToolsTab } from './tools/tools-tab.tsx';
import { isInReview, useTools } from './tools/use-tools.ts';
import { type Integration, useIntegration } from './use-integration.ts';
import { UsersTab } from './users-tab.tsx';

const route = getRouteApi('/w/$workspaceId/integrations/$customerIntegrationId');

/** One service: its tools, changes, users, authentication, health and settings. */
export function IntegrationPage() {
  const { customerIntegrationId } = route.useParams();
  const { data: integration, error, refetch } = useIntegration(customerIntegrationId);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <title>{`${integration?.name ?? 'Integration'} · Errand`}</title>
      <BackLink />
      {!integration && <h1 className="sr-only">Integration</h1>}
      {error != null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!integration && error == null && <Skeleton label="The integration" />}
      {integration && (
        <>
          <Heading integration={integration} />
          <Parts integration={integration} />
        </>
      )}
    </div>
  );
}

function BackLink() {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/integrations"
      params={{ workspaceId }}
      className="inline-flex items-center gap-1.5 self-start text-accent"
    >
      <ArrowLeft size={14} aria-hidden="true" />
      Integrations
    </Link>
  );
}

function Heading({ integration }: { integration: Integration }) {
  const { customerIntegrationId, name, logoPath, kind, host, active, description, catalog } = integration;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-start gap-3">
        <ServiceLogo name={name} path={logoPath} isLarge />
        <div className="mr-auto min-w-0">
          <h1 className="text-xl font-semibold break-words">
            <Text>{name}</Text>
          </h1>
          <p className="break-all text-dim">
            {kind === 'mcp' ? 'MCP server' : 'OpenAPI'} · <Text>{host}</Text>
            {catalog && ` · catalogue: ${catalog.id} ${catalog.version}`}
          </p>
        </div>
        {!active && <Badge>off</Badge>}
        <CodeButton
          title="Get this integration from code"
          operation="integrations.get"
          input={{ customerIntegrationId }}
        />
      </div>
      {description !== undefined && (
        <p className="line-clamp-3 max-w-3xl break-words text-dim">
          <Text>{description}</Text>
        </p>
      )}
      <p className="flex items-center gap-1 text-dim">
        <code className="font-mono text-sm break-all">{customerIntegrationId}</code>
        <CopyButton text={customerIntegrationId} name="the id of the integration" />
      </p>
    </div>
  );
}

const LABELS: Readonly<Record<Tab, string>> = {
  tools: 'Tools',
  changes: 'Changes',
  users: 'Users',
  auth: 'Authentication',
  health: 'Health',
  settings: 'Settings',
};

function Parts({ integration }: { integration: Integration }) {
  const { tab = 'tools' } = route.useSearch();
  const { data: tools = [] } = useTools(integration.customerIntegrationId);
  const { states } = useIntegrationStates([integration.customerIntegrationId]);
  const state = states.get(integration.customerIntegrationId);
  const pending = [integration.pendingBaseUrl, integration.pendingIssuer].filter((each) => each !== undefined).length;
  const counts: Partial<Record<Tab, number>> = {
    changes: tools.filter(isInReview).length + pending,
    health: state?.faults.length ?? 0,
  };
  const content: Readonly<Record<Tab, () => ReactNode>> = {
    tools: () => <ToolsTab integration={integration} />,
    changes: () => <ChangesTab integration={integration} />,
    users: () => <UsersTab integration={integration} />,
    auth: () => <AuthTab integration={integration} />,
    health: () => <HealthTab integration={integration} state={state} />,
    settings: () => <SettingsTab integration={integration} />,
  };
  return (
    <>
      <nav aria-label="Parts" className="flex gap-4 overflow-x-auto border-b border-line">
        {TABS.map((each) => (
          <Link
            key={each}
            from="/w/$workspaceId/integrations/$customerIntegrationId"
            search={{ ...(each !== 'tools' && { tab: each }) }}
            replace
            aria-current={tab === each ? 'page' : undefined}
            className={`py-1.5 whitespace-nowrap ${tab === each ? 'font-semibold shadow-[inset_0_-2px_var(--color-ink)]' : 'text-dim hover:text-ink'}`}
          >
            {LABELS[each]}
            {(counts[each] ?? 0) > 0 && <span className="ml-1 text-wait">({counts[each]})</span>}
          </Link>
        ))}
      </nav>
      {content[tab]()}
    </>
  );
}
