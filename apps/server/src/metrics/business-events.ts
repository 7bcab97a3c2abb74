// The only module that counts business events.
import { RunStatus, type TokenUsage } from '@errand/contracts';
import { waitKinds } from '@errand/db';
import type { BusinessEvents } from '@errand/ports/observer';
import { boundedLabels } from './bounded-names.ts';
import type { Meters } from './registry.ts';

export type ModelRequest = { model: string; ms: number; succeeded: boolean; usage: TokenUsage };

type CallEnd = Parameters<NonNullable<BusinessEvents['callEnded']>>[0];

const failures: Readonly<Record<string, string>> = {
  upstream_timeout: 'timeout',
  tool_timeout: 'timeout',
  upstream_unreachable: 'unreachable',
};
export const callOutcomes = [
  ...(['ok', 'limited', 'unsent', 'timeout', 'unreachable', 'client_error', 'server_error', 'other'] as const),
];

function outcomeOf({ code, status, unsent, limited }: CallEnd): string {
  if (code === undefined) return 'ok';
  if (limited) return 'limited';
  if (unsent) return 'unsent';
  if (status !== undefined && status >= 400) return status >= 500 ? 'server_error' : 'client_error';
  return failures[code] ?? 'other';
}

/** Counts what happens in this process. */
export class EventCounts
  implements
    Required<
      Pick<
        BusinessEvents,
        | 'runCreated'
        | 'runEnded'
        | 'runClaimed'
        | 'leaseLost'
        | 'leasesFreed'
        | 'waitBegun'
        | 'waitEnded'
        | 'firstCall'
        | 'callEnded'
        | 'callRetried'
      >
    >
{
  /** Leases of dead workers that this process freed since its start; counted also without metrics. */
  leasesFreedCount = 0;
  readonly #labels: ReturnType<typeof boundedLabels>;
  #meters: Meters | undefined;

  /** @param redact replaces secrets in names */
  constructor(redact: (text: string) => string) {
    this.#labels = boundedLabels(redact);
  }

  /** From now on events are counted. */
  countIn(meters: Meters): void {
    this.#meters = meters;
    // A series must exist before its first event, or a rate misses that event.
    for (const status of RunStatus.options.slice(RunStatus.options.indexOf('SUCCESS')))
      meters.errand_runs_ended_total.inc({ status }, 0);
    for (const by of ['request', 'rerun', 'action', 'schedule']) meters.errand_runs_created_total.inc({ by }, 0);
    for (const why of ['retry', 'restart', 'wait']) meters.errand_call_retries_total.inc({ why }, 0);
    for (const kind of waitKinds) {
      meters.errand_waits_begun_total.inc({ kind }, 0);
      meters.errand_wait_seconds.zero({ kind });
    }
  }

  readonly runCreated: NonNullable<BusinessEvents['runCreated']> = ({ by }) =>
    this.#meters?.errand_runs_created_total.inc({ by });

  readonly runEnded: NonNullable<BusinessEvents['runEnded']> = ({ status }) =>
    this.#meters?.errand_runs_ended_total.inc({ status });

  readonly runClaimed = (): void => this.#meters?.errand_runs_claimed_total.inc();

  readonly leaseLost = (): void => this.#meters?.errand_leases_lost_total.inc();

  readonly leasesFreed: NonNullable<BusinessEvents['leasesFreed']> = ({ pools, runs }) => {
    this.leasesFreedCount += runs;
    this.#meters?.errand_leases_freed_total.inc(runs);
    this.#meters?.errand_dead_workers_total.inc(pools);
  };

  readonly waitBegun: NonNullable<BusinessEvents['waitBegun']> = ({ kind }) =>
    this.#meters?.errand_waits_begun_total.inc({ kind });

  readonly waitEnded: NonNullable<BusinessEvents['waitEnded']> = ({ kind, decision, expired, waitedMs }) => {
    this.#meters?.errand_waits_ended_total.inc({ kind, decision: expired ? 'expired' : decision });
    this.#meters?.errand_wait_seconds.observe({ kind }, waitedMs / 1000);
  };

  readonly firstCall: NonNullable<BusinessEvents['firstCall']> = ({ runAgeMs }) =>
    this.#meters?.errand_first_call_seconds.observe(Math.max(0, runAgeMs) / 1000);

  readonly callEnded: NonNullable<BusinessEvents['callEnded']> = (call) => {
    if (!this.#meters) return;
    const integration = this.#labels.integration.of(call.tool.integrationName);
    this.#meters.errand_calls_total.inc({ integration, outcome: outcomeOf(call) });
    if (!call.unsent) this.#meters.errand_call_seconds.observe({ integration }, call.ms / 1000);
  };

  readonly callRetried: NonNullable<BusinessEvents['callRetried']> = ({ why }) =>
    this.#meters?.errand_call_retries_total.inc({ why });

  readonly egressRefused = (): void => this.#meters?.errand_egress_refusals_total.inc();

  readonly modelEnded = ({ model: name, ms, succeeded, usage }: ModelRequest): void => {
    const meters = this.#meters;
    if (!meters) return;
    const model = this.#labels.model.of(name);
    meters.errand_model_requests_total.inc({ model, outcome: 'ok' }, succeeded ? 1 : 0);
    meters.errand_model_requests_total.inc({ model, outcome: 'failed' }, succeeded ? 0 : 1);
    meters.errand_model_request_seconds.observe({ model }, ms / 1000);
    const { inputTokens, outputTokens, cachedInputTokens = 0, cost } = usage;
    meters.errand_model_tokens_total.inc({ model, kind: 'input' }, inputTokens);
    meters.errand_model_tokens_total.inc({ model, kind: 'output' }, outputTokens);
    meters.errand_model_tokens_total.inc({ model, kind: 'cached_input' }, cachedInputTokens);
    if (cost) meters.errand_model_cost_total.inc({ model, currency: cost.currency }, cost.amount);
  };
}
