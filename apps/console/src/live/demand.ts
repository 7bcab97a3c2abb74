// The messages between a tab and the hub: demands for streams, their frames and their states.
import type { Outputs } from '@errand/client/console';

type FramesOf<S> = S extends AsyncIterable<infer Item> ? (Item extends { data: infer Frame } ? Frame : Item) : never;
export type RunFrame = FramesOf<Outputs['runs']['watch']>;
export type PendingFrame = FramesOf<Outputs['pending']['watch']>;
export type EventFrame = FramesOf<Outputs['runs']['stream']>;
export type Frame = RunFrame | PendingFrame | EventFrame;

/** runs: changes of all runs of a workspace. pending: its inbox, heads only. run: the events of one run. */
export type Demand =
  | { kind: 'runs'; workspaceId: string }
  | { kind: 'pending'; workspaceId: string }
  | { kind: 'run'; workspaceId: string; runId: string; after: number };

/** The name of the stream that serves a demand. Tabs that follow the same run share its stream, whatever they have read before. */
export const keyOf = (demand: Demand): string =>
  demand.kind === 'run' ? `run ${demand.workspaceId} ${demand.runId}` : `${demand.kind} ${demand.workspaceId}`;

/**
 * connecting: no frames come yet. live: all later frames come; read now what happened before.
 * polling: no connection is free, so read at intervals. refused: the service refused the stream.
 */
export type StreamState = 'connecting' | 'live' | 'polling' | 'refused';

/** From a tab to the hub. */
export type TabMessage =
  | { type: 'wants'; demands: Demand[]; token: string; isFocused: boolean; isVisible: boolean }
  | { type: 'alive' }
  | { type: 'leaves' };

/** From the hub to a tab. */
export type HubMessage =
  | { type: 'frame'; key: string; frame: Frame }
  | { type: 'state'; key: string; state: StreamState; code?: string };
