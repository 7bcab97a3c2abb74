// Every metric of the service. docs/metrics.md lists them, and a test compares the page with this table.
import type { Aggregator } from 'prom-client';

export type Definition = {
  type: 'counter' | 'gauge' | 'histogram';
  /** `seconds`, `bytes`, or what is counted. */
  unit: string;
  help: string;
  labels: readonly string[];
  /** Combines the values of several processes under one supervisor. */
  aggregator: Aggregator;
  /** Upper bounds of a histogram. */
  buckets?: readonly number[];
};

type Of<Type extends Definition['type']> = Definition & { type: Type };
type Options = { labels?: readonly string[]; aggregator?: Aggregator };

const counter = (unit: string, help: string, ...labels: string[]): Of<'counter'> => ({
  type: 'counter',
  unit,
  help,
  labels,
  aggregator: 'sum',
});
const gauge = (unit: string, help: string, { labels = [], aggregator = 'sum' }: Options = {}): Of<'gauge'> => ({
  type: 'gauge',
  unit,
  help,
  labels,
  aggregator,
});
/** A value of the whole instance, which every process reports alike. */
const instance = (unit: string, help: string, ...labels: string[]): Of<'gauge'> =>
  gauge(unit, help, { labels, aggregator: 'max' });
const seconds = (help: string, buckets: readonly number[], ...labels: string[]): Of<'histogram'> => ({
  type: 'histogram',
  unit: 'seconds',
  help,
  labels,
  aggregator: 'sum',
  buckets,
});

const OF_CALLS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const OF_STARTS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const OF_MODELS = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
/** From a second to a week. */
const OF_PEOPLE = [1, 10, 60, 300, 900, 3600, 14_400, 86_400, 604_800];

/** Events that a process counts. They begin at 0 with each process. */
const counted = {
  errand_runs_created_total: counter('runs', 'Runs created, by the part of the service that created them.', 'by'),
  errand_runs_ended_total: counter('runs', 'Runs ended, by their last status.', 'status'),
  errand_runs_claimed_total: counter('claims', 'Claims of runs by workers. A run is claimed again after each wait.'),
  errand_first_call_seconds: seconds('Time from the creation of a run to its first call.', OF_STARTS),
  errand_waits_begun_total: counter('requests', 'Requests to people, by kind.', 'kind'),
  errand_waits_ended_total: counter(
    'requests',
    'Requests to people that ended, by kind and decision.',
    'kind',
    'decision',
  ),
  errand_wait_seconds: seconds('Time from a request to a person to its decision, by kind.', OF_PEOPLE, 'kind'),
  errand_calls_total: counter(
    'calls',
    'Attempts at calls of tools, by integration and outcome.',
    'integration',
    'outcome',
  ),
  errand_call_seconds: seconds('Duration of attempts that were sent, by integration.', OF_CALLS, 'integration'),
  errand_call_retries_total: counter('calls', 'Calls that are tried again, by reason.', 'why'),
  errand_egress_refusals_total: counter('requests', 'Requests that the guard of outbound calls refused.'),
  errand_model_requests_total: counter('requests', 'Requests to models, by model and outcome.', 'model', 'outcome'),
  errand_model_request_seconds: seconds('Duration of requests to models, by model.', OF_MODELS, 'model'),
  errand_model_tokens_total: counter('tokens', 'Tokens of models, by model and kind.', 'model', 'kind'),
  errand_model_cost_total: counter(
    'money',
    'Cost of models with a known price, by model and currency.',
    'model',
    'currency',
  ),
  errand_leases_lost_total: counter(
    'leases',
    'Activations that ended because their run was canceled or claimed by another worker.',
  ),
  errand_leases_freed_total: counter('leases', 'Leases of dead workers that this process freed.'),
  errand_dead_workers_total: counter('workers', 'Workers without a heartbeat that this process found.'),
} satisfies Record<string, Definition>;

/** The state of a process. */
const ofProcess = {
  errand_build_info: gauge('1', 'The version of the service and of Node; the value is 1.', {
    labels: ['version', 'node'],
    aggregator: 'max',
  }),
  errand_processes: gauge('processes', 'Processes that answered this scrape.'),
  errand_process_start_time_seconds: gauge('seconds', 'Start of the oldest process, in seconds since 1970.', {
    aggregator: 'min',
  }),
  errand_process_cpu_seconds_total: counter('seconds', 'Processor time of the service.'),
  errand_process_resident_memory_bytes: gauge('bytes', 'Resident memory of the service.'),
  errand_process_heap_used_bytes: gauge('bytes', 'Used heap of the service.'),
  errand_event_loop_lag_seconds: gauge(
    'seconds',
    'Delay of the event loop in the last 10 s or more, by percentile; of the worst process.',
    {
      labels: ['percentile'],
      aggregator: 'max',
    },
  ),
  errand_pool_connections: gauge('connections', 'Connections to Postgres, by pool and state.', {
    labels: ['pool', 'state'],
  }),
  errand_pool_connections_max: gauge('connections', 'Maximum connections to Postgres, by pool.', { labels: ['pool'] }),
  errand_pool_waiting: gauge('requests', 'Requests that wait for a connection, by pool.', { labels: ['pool'] }),
} satisfies Record<string, Definition>;

/** The state of the instance, from the database. */
const ofInstance = {
  errand_database_up: gauge('1', 'Whether the database answered the last reading.', { aggregator: 'min' }),
  errand_database_unread: instance(
    '1',
    'Whether a part could not be read: a right is missing, or the time limit passed.',
    'part',
  ),
  errand_queue_due_runs: instance('runs', 'Runs that wait for a worker or a slot.'),
  errand_queue_claimed_runs: instance('runs', 'Runs that workers execute.'),
  errand_queue_oldest_due_seconds: instance('seconds', 'How long a run has waited for a worker.'),
  errand_queue_oldest_slot_wait_seconds: instance(
    'seconds',
    'How long a run of a workspace without free slots has been due.',
  ),
  errand_queue_table_rows: instance('rows', 'Row versions of the table of runs, by state.', 'state'),
  errand_workers_alive: instance('workers', 'Workers with a recent heartbeat.'),
  errand_waits_open: instance('requests', 'Requests to people that are open now, by kind.', 'kind'),
  errand_webhook_backlog: instance('messages', 'Messages to webhooks that are not delivered yet, by state.', 'state'),
  errand_webhook_oldest_due_seconds: instance(
    'seconds',
    'How long the oldest message to a webhook has waited for Errand.',
  ),
  errand_database_held_snapshots: instance('transactions', 'Transactions that have held a snapshot for a minute.'),
  errand_database_oldest_snapshot_seconds: instance('seconds', 'Age of the oldest transaction that holds a snapshot.'),
  errand_database_oldest_snapshot_transactions: instance('transactions', 'Transactions since the oldest snapshot.'),
  errand_database_connections: instance('connections', 'Open connections to all databases of the server.'),
  errand_database_connections_max: instance('connections', 'Connections that the database server accepts.'),
} satisfies Record<string, Definition>;

export const definitions = { ...counted, ...ofProcess, ...ofInstance };
export type MetricName = keyof typeof definitions;
/** Names of metrics that are unknown without a reading of the database. */
export const instanceMetrics = Object.keys(ofInstance) as (keyof typeof ofInstance)[];
