// The pages by their addresses. Each page loads its own code.
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { ProblemNote } from './display/problem-note.tsx';
import { searchOf as auditSearch } from './pages/audit/search.ts';
import { searchOf as inboxSearch } from './pages/inbox/search.ts';
import { searchOf as integrationSearch } from './pages/integration/search.ts';
import { searchOf as integrationsSearch } from './pages/integrations/search.ts';
import { searchOf as newErrandSearch } from './pages/new-errand/search.ts';
import { searchOf as newIntegrationSearch } from './pages/new-integration/search.ts';
import { searchOf as runSearch } from './pages/run/search.ts';
import { searchOf as runsSearch } from './pages/runs/search.ts';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { searchOf as usageSearch } from './pages/usage/search.ts';
import { searchOf as usersSearch } from './pages/users/search.ts';
import { searchOf as webhookSearch } from './pages/webhook/search.ts';
import { queryClient } from './session/query-client.ts';
import type { Arrival } from './session/sign-in.ts';
import { sessionQuery } from './session/workspace.tsx';
import { InstanceShell } from './shell/instance-shell.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Root } from './shell/root.tsx';
import { WorkspaceShell } from './shell/workspace-shell.tsx';

type Context = { arrival: Arrival };

const rootRoute = createRootRouteWithContext<Context>()({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <ProblemNote error={error} onRetry={reset} />,
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  loader: async ({ context: { arrival } }) => {
    if (arrival.problem) return;
    const session = await queryClient.ensureQueryData(sessionQuery).catch(() => undefined);
    const workspaceId = arrival.workspaceId ?? lastWorkspace(session?.workspaces ?? []);
    if (workspaceId !== undefined) throw redirect({ to: '/w/$workspaceId', params: { workspaceId }, replace: true });
    if (session) throw redirect({ to: '/account', replace: true });
  },
  component: SignInPage,
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/account-page.tsx'), 'AccountPage'),
});

const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/w/$workspaceId',
  component: WorkspaceShell,
});

const workspaceIndexRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    const to = isFirstVisit(params.workspaceId) ? '/w/$workspaceId/start' : '/w/$workspaceId/runs';
    throw redirect({ to, params, replace: true });
  },
});

const runsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/runs',
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import('./pages/runs/runs-page.tsx'), 'RunsPage'),
});

const runRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/runs/$runId',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('./pages/run/run-page.tsx'), 'RunPage'),
});

const newErrandRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/new',
  validateSearch: newErrandSearch,
  component: lazyRouteComponent(() => import('./pages/new-errand/new-errand-page.tsx'), 'NewErrandPage'),
});

const inboxRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/inbox',
  validateSearch: inboxSearch,
  component: lazyRouteComponent(() => import('./pages/inbox/inbox-page.tsx'), 'InboxPage'),
});

const decideRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/decide/$entryId',
  beforeLoad: ({ params: { workspaceId, entryId } }) => {
    throw redirect({ to: '/w/$workspaceId/inbox', params: { workspaceId }, search: { entry: entryId }, replace: true });
  },
});

const startRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/start',
  component: lazyRouteComponent(() => import('./pages/start/start-page.tsx'), 'StartPage'),
});

const integrationsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/integrations',
  validateSearch: integrationsSearch,
  component: lazyRouteComponent(() => import('./pages/integrations/integrations-page.tsx'), 'IntegrationsPage'),
});

const newIntegrationRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/integrations/new',
  validateSearch: newIntegrationSearch,
  component: lazyRouteComponent(() => import('./pages/new-integration/new-integration-page.tsx'), 'NewIntegrationPage'),
});

const integrationRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/integrations/$customerIntegrationId',
  validateSearch: integrationSearch,
  component: lazyRouteComponent(() => import('./pages/integration/integration-page.tsx'), 'IntegrationPage'),
});

const usersRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/users',
  validateSearch: usersSearch,
  component: lazyRouteComponent(() => import('./pages/users/users-page.tsx'), 'UsersPage'),
});

const userRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/users/$userId',
  component: lazyRouteComponent(() => import('./pages/user/user-page.tsx'), 'UserPage'),
});

const actionsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/actions',
  component: lazyRouteComponent(() => import('./pages/actions/actions-page.tsx'), 'ActionsPage'),
});

const actionRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/actions/$key',
  component: lazyRouteComponent(() => import('./pages/action/action-page.tsx'), 'ActionPage'),
});

const schedulesRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/schedules',
  component: lazyRouteComponent(() => import('./pages/schedules/schedules-page.tsx'), 'SchedulesPage'),
});

const webhooksRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./pages/webhooks/webhooks-page.tsx'), 'WebhooksPage'),
});

const webhookRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/webhooks/$webhookId',
  validateSearch: webhookSearch,
  component: lazyRouteComponent(() => import('./pages/webhook/webhook-page.tsx'), 'WebhookPage'),
});

const usageRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/usage',
  validateSearch: usageSearch,
  component: lazyRouteComponent(() => import('./pages/usage/usage-page.tsx'), 'UsagePage'),
});

const auditRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/audit-page.tsx'), 'AuditPage'),
});

const keysRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/keys',
  component: lazyRouteComponent(() => import('./pages/keys/keys-page.tsx'), 'KeysPage'),
});

const membersRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/members',
  component: lazyRouteComponent(() => import('./pages/members/members-page.tsx'), 'MembersPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage'),
});

const instanceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/instance',
  component: InstanceShell,
});

const instanceWorkspacesRoute = createRoute({
  getParentRoute: () => instanceRoute,
  path: '/workspaces',
  component: lazyRouteComponent(
    () => import('./pages/instance-workspaces/instance-workspaces-page.tsx'),
    'InstanceWorkspacesPage',
  ),
});

const instancePeopleRoute = createRoute({
  getParentRoute: () => instanceRoute,
  path: '/people',
  component: lazyRouteComponent(() => import('./pages/instance-people/instance-people-page.tsx'), 'InstancePeoplePage'),
});

const instanceStatusRoute = createRoute({
  getParentRoute: () => instanceRoute,
  path: '/status',
  component: lazyRouteComponent(() => import('./pages/instance-status/instance-status-page.tsx'), 'InstanceStatusPage'),
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  accountRoute,
  workspaceRoute.addChildren([
    workspaceIndexRoute,
    runsRoute,
    runRoute,
    newErrandRoute,
    inboxRoute,
    decideRoute,
    startRoute,
    integrationsRoute,
    newIntegrationRoute,
    integrationRoute,
    usersRoute,
    userRoute,
    actionsRoute,
    actionRoute,
    schedulesRoute,
    webhooksRoute,
    webhookRoute,
    usageRoute,
    auditRoute,
    keysRoute,
    membersRoute,
    settingsRoute,
  ]),
  instanceRoute.addChildren([instanceWorkspacesRoute, instancePeopleRoute, instanceStatusRoute]),
]);

export const createConsoleRouter = (arrival: Arrival) =>
  createRouter({
    routeTree,
    basepath: '/console',
    context: { arrival },
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    scrollRestoration: true,
  });

const LAST_WORKSPACE = 'errand-workspace';

/** Whether this browser has shown no page of the workspace before. */
const isFirstVisit = (workspaceId: string): boolean => localStorage.getItem(LAST_WORKSPACE) !== workspaceId;

function lastWorkspace(workspaces: { workspaceId: string }[]): string | undefined {
  const last = localStorage.getItem(LAST_WORKSPACE);
  return workspaces.find(({ workspaceId }) => workspaceId === last)?.workspaceId ?? workspaces[0]?.workspaceId;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
