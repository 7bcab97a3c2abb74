import { resolve } from 'node:path';
import { createRedactor } from '@errand/basics/redactor';
import { type Check, type Finding, warning } from '@errand/server/finding';
import { readSettings } from '@errand/server/folder-settings';
import { NO_DATA_DIR } from '@errand/server/setting-names';
import { type CliEnv, readProcessEnv } from '../environment/config.ts';
import { exitCodes } from '../outcome/exit-codes.ts';
import { Failure } from '../outcome/failure.ts';
import { findTarget, isLoopback, type Target, type TargetOptions } from '../service/target.ts';
import { examineMachine, nodeFinding } from './machine.ts';
import { examineService } from './service.ts';

export type DoctorOptions = TargetOptions & { data?: string };

/** Checks the service that a command would call, and, if it is on this machine, its settings, disk, database and calls. */
export async function examine(env: CliEnv, options: DoctorOptions): Promise<Finding[]> {
  const folder = process.cwd();
  const settings = readSettings(folder, readProcessEnv());
  const data = options.data ?? settings.values.ERRAND_DATA_DIR ?? '.errand';
  const dataDir = data === NO_DATA_DIR ? data : resolve(folder, data);
  const target = targetOf({ ...options, dataDir, local: options.local || options.data !== undefined }, env);
  const isHere = !target || isLoopback(target.url) || settings.values.DATABASE_URL !== undefined;
  const service = target ? await examineService(target) : unknownService;
  const machine = isHere
    ? await examineMachine({ settings, dataDir, serviceUrl: service.answers ? target?.url : undefined })
    : [];
  const { add, redact } = createRedactor();
  if (target) add(target.apiKey);
  const findings = [nodeFinding(), ...merge(service.findings, machine)];
  return findings
    .sort((one, other) => ORDER.indexOf(one.check) - ORDER.indexOf(other.check))
    .map((finding) => ({ ...finding, text: redact(finding.text) }));
}

const ORDER: readonly Check[] = [
  ...([
    'node',
    'settings',
    'disk',
    'port',
    'database',
    'migrations',
    'keys',
    'hold',
    'clock',
    'standby',
    'workers',
    'queue',
    'retention',
  ] as const),
  ...(['snapshot', 'indexes', 'webhooks', 'service', 'integrations', 'egress', 'model'] as const),
];

/** A running service knows more than this machine, except about a model that it has not called for a while. */
function merge(service: readonly Finding[], machine: readonly Finding[]): Finding[] {
  const isDatabaseAway = machine.some(({ check, status }) => check === 'database' && status === 'failed');
  const ofService = service.map((finding): Finding => {
    // The database is the cause, and has a line of its own.
    return isDatabaseAway && finding.status === 'failed' ? { ...finding, status: 'warning' } : finding;
  });
  const known = new Map(
    ofService.filter(({ status }) => status !== 'skipped').map(({ check, status }) => [check, status]),
  );
  if (known.get('model') === 'ok' && machine.some(({ check }) => check === 'model')) known.delete('model');
  // A machine that reads the database knows the growth of the data and the space of the disk.
  const isDatabaseHere = machine.some(({ check, status }) => check === 'migrations' && status !== 'skipped');
  if (isDatabaseHere && machine.some(({ check }) => check === 'retention')) known.delete('retention');
  const ofMachine = machine.filter(({ check }) => !known.has(check));
  const checked = new Set(ofMachine.map(({ check }) => check));
  return [...ofService.filter(({ check }) => !checked.has(check)), ...ofMachine];
}

const unknownService = {
  answers: false,
  findings: [
    warning(
      'service',
      'No service is known here.',
      'Run errand up, or errand login <url> for one that runs elsewhere.',
    ),
  ],
};

/** @returns undefined if no service is known */
function targetOf(options: DoctorOptions, env: CliEnv): Target | undefined {
  try {
    return findTarget(options, env);
  } catch (error) {
    const isUnknown =
      error instanceof Failure &&
      (error.exitCode === exitCodes.signIn || (options.data !== undefined && error.exitCode === exitCodes.usage));
    if (isUnknown) return undefined;
    throw error;
  }
}
