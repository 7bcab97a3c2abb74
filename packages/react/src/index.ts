export type { Connection } from './connection.ts';
export type { PendingActions, RequestView } from './pending-store.ts';
export type { StepView, WaitingFor } from './run-view.ts';
export { type PendingView, usePending } from './use-pending.ts';
export { type RunView, useRun } from './use-run.ts';
