/** What a diagnosis checks. */
export type Check =
  | 'node'
  | 'settings'
  | 'disk'
  | 'port'
  | 'service'
  | 'database'
  | 'migrations'
  | 'keys'
  | 'hold'
  | 'clock'
  | 'workers'
  | 'queue'
  | 'webhooks'
  | 'retention'
  | 'standby'
  | 'snapshot'
  | 'indexes'
  | 'integrations'
  | 'egress'
  | 'model';

/** The outcome of a check. `text` and `remedy` are sentences without secrets. */
export type Finding = {
  check: Check;
  /** `failed`: something is broken. `skipped`: a fault that another finding names prevents the check. */
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  text: string;
  remedy?: string;
};

const findingOf =
  (status: Finding['status']) =>
  (check: Check, text: string, remedy?: string): Finding => ({ check, status, text, ...(remedy && { remedy }) });

export const ok = findingOf('ok');
export const warning = findingOf('warning');
export const failed = findingOf('failed');
export const skipped = findingOf('skipped');

/** The checks that need valid settings. */
const configured = [
  ...(['disk', 'port', 'database', 'migrations', 'keys', 'hold', 'clock', 'standby'] as const),
  ...(['workers', 'queue', 'retention', 'snapshot', 'indexes', 'webhooks', 'egress', 'model'] as const),
];

/** A fault of the settings, and the checks that it prevents. */
export const withoutConfiguration = (fault: Finding): Finding[] => [
  fault,
  ...configured.map((check) => skipped(check, 'A setting is wrong')),
];
