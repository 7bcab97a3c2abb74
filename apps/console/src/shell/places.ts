// The pages of a workspace that navigation, palette and shortcuts lead to.
import type { LinkProps } from '@tanstack/react-router';
import {
  Activity,
  Bot,
  Inbox,
  KeyRound,
  ListChecks,
  type LucideIcon,
  Plus,
  ScrollText,
  Settings,
  Users,
} from 'lucide-react';
import type { Scope } from '../session/workspace.tsx';

export type Place = {
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

export type PlaceGroup = { name: string; places: readonly Place[] };

const work: Place[] = [
  { to: '/w/$workspaceId/runs', name: 'Errands', icon: ListChecks, words: 'runs list', key: 'r' },
  { to: '/w/$workspaceId/inbox', name: 'Inbox', icon: Inbox, words: 'requests decisions approvals', key: 'i' },
  { to: '/w/$workspaceId/new', name: 'New errand', icon: Plus, words: 'create run' },
];

const setUp: Place[] = [
  { to: '/w/$workspaceId/start', name: 'Start', icon: Bot, words: 'first steps overview', key: 's' },
];

const lookBack: Place[] = [
  { to: '/w/$workspaceId/usage', name: 'Usage', icon: Activity, words: 'costs tokens failures', key: 'g' },
  { to: '/w/$workspaceId/audit', name: 'Audit log', icon: ScrollText, words: 'seal chain', key: 'l', scope: 'admin' },
];

const manage: Place[] = [
  { to: '/w/$workspaceId/keys', name: 'API keys', icon: KeyRound, words: 'scopes rotate', key: 'k', scope: 'admin' },
  { to: '/w/$workspaceId/members', name: 'Members', icon: Users, words: 'invite people roles', key: 'm' },
  { to: '/w/$workspaceId/settings', name: 'Settings', icon: Settings, words: 'status brand origins', key: 'e' },
];

export const placeGroups: readonly PlaceGroup[] = [
  { name: 'Work', places: work },
  { name: 'Set up', places: setUp },
  { name: 'Look back', places: lookBack },
  { name: 'Manage', places: manage },
];
