export { BacklogFull, type QueueOptions } from './backlog.ts';
export type { Limits } from './budget.ts';
export type { CallPolicy } from './call.ts';
export { createEngine, type Engine, type EngineOptions } from './engine.ts';
export type { SentEvent } from './events.ts';
export type { Failpoint, Faults } from './faults.ts';
export type { Catalog, Log, Toolbox, ToolRequest } from './ports.ts';
export type { WorkerOptions } from './worker.ts';
