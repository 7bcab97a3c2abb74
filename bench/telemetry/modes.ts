/**
 * none: nothing is reported, as before there was telemetry. off: with the counts of events, but without metrics and traces, as a service without settings. unsampled: with
 * a collector, but the run is not sampled. on: with a collector. content: also with arguments and results.
 */
export const MODES = ['none', 'off', 'unsampled', 'on', 'content'] as const;
export type Mode = (typeof MODES)[number];

/** The processor time of a run in µs. */
export type Sample = { cpuUs: number };
