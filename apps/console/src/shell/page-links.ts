// The pages of a workspace that navigation, palette and shortcuts lead to.
import type { LinkProps } from '@tanstack/react-router';
import {
  Activity,
  Bookmark,
  Bot,
  CalendarClock,
  CircleUserRound,
  Inbox,
  KeyRound,
  ListChecks,
  type LucideIcon,
  Plug,
  Plus,
  ScrollText,
  Server,
  Settings,
  UserRound,
  Users,
  Webhook,
} from 'lucide-react';
import type { Scope } from '../session/workspace.tsx';

export type PageLink = {
  to: NonNullable<LinkProps['to']>;
  name: string;
  icon: LucideIcon;
  /** Further words by which the palette finds it. */
  words: string;
  /** The second key of the shortcut `g …`. */
  key?: string;
  /** Without this scope the page has nothing to show, and the navigation leaves it out. */
  scope?: Scope;
};

export type OuterLink = Pick<PageLink, 'to' | 'name' | 'icon' | 'words'> & { isForOperators?: true };

export type PageGroup = { name: string; links: readonly PageLink[] };

const work: PageLink[] = [
  { to: '/w/$workspaceId/runs', name: 'Errands', icon: ListChecks, words: 'runs list', key: 'r' },
  { to: '/w/$workspaceId/inbox', name: 'Inbox', icon: Inbox, words: 'requests decisions approvals', key: 'i' },
  { to: '/w/$workspaceId/new', name: 'New errand', icon: Plus, words: 'create run' },
];

const setUp: PageLink[] = [
  { to: '/w/$workspaceId/start', name: 'Start', icon: Bot, words: 'first steps overview', key: 's' },
  { to: '/w/$workspaceId/integrations', name: 'Integrations', icon: Plug, words: 'tools services mcp', key: 'n' },
  { to: '/w/$workspaceId/users', name: 'Users', icon: UserRound, words: 'consents tokens erase', key: 'u' },
  { to: '/w/$workspaceId/actions', name: 'Actions', icon: Bookmark, words: 'saved plans', key: 'a' },
  { to: '/w/$workspaceId/schedules', name: 'Schedules', icon: CalendarClock, words: 'cron times', key: 'd' },
  {
    to: '/w/$workspaceId/webhooks',
    name: 'Webhooks',
    icon: Webhook,
    words: 'deliveries events',
    key: 'w',
    scope: 'webhooks:write',
  },
];

const lookBack: PageLink[] = [
  { to: '/w/$workspaceId/usage', name: 'Usage', icon: Activity, words: 'costs tokens failures', key: 'g' },
  { to: '/w/$workspaceId/audit', name: 'Audit log', icon: ScrollText, words: 'seal chain', key: 'l', scope: 'admin' },
];

const manage: PageLink[] = [
  { to: '/w/$workspaceId/keys', name: 'API keys', icon: KeyRound, words: 'scopes rotate', key: 'k', scope: 'admin' },
  { to: '/w/$workspaceId/members', name: 'Members', icon: Users, words: 'invite people roles', key: 'm' },
  { to: '/w/$workspaceId/settings', name: 'Settings', icon: Settings, words: 'status brand origins', key: 'e' },
];

export const pageGroups: readonly PageGroup[] = [
  { name: 'Work', links: work },
  { name: 'Set up', links: setUp },
  { name: 'Look back', links: lookBack },
  { name: 'Manage', links: manage },
];

/** Pages outside of a workspace, which the palette alone leads to by words. */
export const outerLinks: readonly OuterLink[] = [
  { to: '/account', name: 'Account', icon: CircleUserRound, words: 'sessions sign out workspaces' },
  {
    to: '/instance/workspaces',
    name: 'Instance: workspaces',
    icon: Server,
    words: 'operator limits suspend',
    isForOperators: true,
  },
  { to: '/instance/people', name: 'Instance: people', icon: Server, words: 'operator persons', isForOperators: true },
  {
    to: '/instance/status',
    name: 'Instance: status',
    icon: Server,
    words: 'operator version health',
    isForOperators: true,
  },
];
