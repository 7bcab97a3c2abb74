import type { Outputs } from '@errand/client/console';
import { reconnectReasonLabels, userStateLabels } from '@errand/contracts/labels';
import { Check, CircleDashed, type LucideIcon, TriangleAlert } from 'lucide-react';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';

export type Connection = Outputs['users']['get']['connections'][number];
type State = keyof typeof userStateLabels;

export function connectionState({ active, needsReconnect }: Connection): State {
  if (active) return 'connected';
  return needsReconnect ? 'needs_reconnect' : 'not_connected';
}

/** Why a user must renew a credential, in words; the code of an authorization server as it is. */
export const reasonOf = ({ reconnectReason }: Connection): string | undefined =>
  reconnectReason === undefined ? undefined : (reconnectReasonLabels[reconnectReason] ?? reconnectReason);

const LOOKS = {
  connected: { look: 'good', icon: Check },
  needs_reconnect: { look: 'wait', icon: TriangleAlert },
  not_connected: { look: 'plain', icon: CircleDashed },
} as const satisfies Record<State, { look: 'good' | 'wait' | 'plain'; icon: LucideIcon }>;

/** The state of a connection: a shape, a color and a word. @param name of the integration; without it the state alone */
export function ConnectionBadge({ connection, name }: { connection: Connection; name?: string }) {
  const state = connectionState(connection);
  const { look, icon: Icon } = LOOKS[state];
  return (
    <Badge look={look}>
      <Icon size={12} aria-hidden="true" />
      {name !== undefined && (
        <span className="max-w-40 truncate">
          <Text>{name}</Text>
        </span>
      )}
      <span className={name !== undefined && state === 'connected' ? 'sr-only' : ''}>{userStateLabels[state]}</span>
    </Badge>
  );
}
