// Values from which the log, `errand doctor` and deploy/prometheus/rules.yml warn.

/**
 * A living worker claims a due run within a second, so a run that has waited for this time, in seconds, shows that there are too few
 * workers. `errand doctor` also counts runs of workspaces without a free slot.
 */
export const LATE_RUN_SECONDS = 120;
/** A transaction that is open for longer delays vacuum, in seconds. */
export const LONG_TRANSACTION_SECONDS = 600;
/** Errand posts messages within seconds. The time of receivers that fail does not count. */
export const LATE_WEBHOOK_SECONDS = 600;
