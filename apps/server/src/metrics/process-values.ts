import { monitorEventLoopDelay } from 'node:perf_hooks';
import { VERSION } from '@errand/api';
import type { Db, PoolUse } from '@errand/db';
import type { Meters } from './registry.ts';

/** Resolution of the delays of the event loop, in ms: each measurement wakes the process. */
const RESOLUTION_MS = 20;
/** Shortest period of a reported delay, in ms, so that pollers do not take it from each other. */
const PERIOD_MS = 10_000;
const NS_PER_S = 1e9;

/** Reads the state of this process. */
export class ProcessValues {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #periodBegan = performance.now();
  #cpuSeconds = 0;

  constructor(
    private readonly meters: Meters,
    private readonly db: Pick<Db, 'poolUse'>,
  ) {
    this.#delays.enable();
    this.#setLag();
    const { errand_build_info, errand_processes, errand_process_start_time_seconds } = meters;
    errand_build_info.set({ version: VERSION, node: process.version }, 1);
    errand_processes.set(1);
    errand_process_start_time_seconds.set(performance.timeOrigin / 1000);
  }

  read(): void {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    this.meters.errand_process_cpu_seconds_total.inc(cpuSeconds - this.#cpuSeconds);
    this.#cpuSeconds = cpuSeconds;
    const { rss, heapUsed } = process.memoryUsage();
    this.meters.errand_process_resident_memory_bytes.set(rss);
    this.meters.errand_process_heap_used_bytes.set(heapUsed);
    if (performance.now() - this.#periodBegan >= PERIOD_MS) this.#setLag();
    for (const use of this.db.poolUse()) this.#setPool(use);
  }

  close(): void {
    this.#delays.disable();
  }

  #setLag(): void {
    const { errand_event_loop_lag_seconds: lag } = this.meters;
    // The histogram has the whole interval between two measurements.
    const secondsOf = (ns: number) => (Number.isFinite(ns) ? Math.max(0, ns / NS_PER_S - RESOLUTION_MS / 1000) : 0);
    lag.set({ percentile: '50' }, secondsOf(this.#delays.percentile(50)));
    lag.set({ percentile: '99' }, secondsOf(this.#delays.percentile(99)));
    lag.set({ percentile: '100' }, secondsOf(this.#delays.max));
    this.#delays.reset();
    this.#periodBegan = performance.now();
  }

  #setPool({ name: pool, inUse, idle, waiting, max }: PoolUse): void {
    const { errand_pool_connections, errand_pool_connections_max, errand_pool_waiting } = this.meters;
    errand_pool_connections.set({ pool, state: 'in_use' }, inUse);
    errand_pool_connections.set({ pool, state: 'idle' }, idle);
    errand_pool_connections_max.set({ pool }, max);
    errand_pool_waiting.set({ pool }, waiting);
  }
}
