import type { Measurement } from '../metrics/measurement.ts';

/** Lines for a sibling, joined by line breaks. */
export type Frame = readonly [to: number, text: string];

/** The settings of a process that the supervisor decides. The URLs contain passwords: do not log them. */
export type StartOrder = {
  kind: 'start';
  machineId: string;
  /** The port of all processes; absent for workers. */
  port?: number | undefined;
  /** The port of the metrics of all processes. */
  metricsPort?: number | undefined;
  url: string;
  tenantUrl?: string | undefined;
  /** Whether it creates the first workspace and key, and registers the seeds. */
  bootstraps: boolean;
  /** The number of processes, between which some limits are divided. */
  count: number;
};

/** From the supervisor to a process. */
export type ToProcess =
  | StartOrder
  | { kind: 'listen' }
  | { kind: 'stop'; atOnce: boolean }
  | { kind: 'leader'; isLeader: boolean }
  | { kind: 'joined'; id: number }
  | { kind: 'gone'; id: number }
  | { kind: 'lines'; from: number; text: string }
  | { kind: 'lost'; from: number }
  | { kind: 'measure'; scrape: number }
  | { kind: 'metrics'; scrape: number; text: string };

/** From a process to the supervisor. `scrape`: it needs the metrics of all processes. `hello`: it takes messages from now on. `ready`: it can listen. */
export type ToSupervisor =
  | { kind: 'hello' }
  | { kind: 'ready'; apiKey?: string | undefined }
  | { kind: 'started'; url?: string | undefined; memoryBytes: number }
  | { kind: 'alive' }
  | { kind: 'frames'; frames: readonly Frame[] }
  | { kind: 'lost' }
  | { kind: 'measured'; scrape: number; metrics: Measurement }
  | { kind: 'scrape'; scrape: number };
