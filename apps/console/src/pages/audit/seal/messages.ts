// What the page and its worker say to each other.
import type { Problem } from '@errand/client/console';
import type { Position, Progress } from './verify.ts';

export type Order = { workspaceId: string; token: string; from: Progress; seen: Position | undefined };
export type Report =
  | { type: 'progress'; progress: Progress }
  | { type: 'done'; progress: Progress }
  | { type: 'failed'; problem: Problem | undefined };
