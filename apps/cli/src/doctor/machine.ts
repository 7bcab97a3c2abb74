import { join } from 'node:path';
import { type Finding, failed, ok, warning, withoutConfiguration } from '@errand/server/finding';
import { checkNames, type SettingsFiles } from '@errand/server/folder-settings';
import { choosePort } from '../up/early/checks.mjs';
import { readJson } from '../up/early/json-files.mjs';
import { originSettings } from '../up/service/stack.ts';

/** The oldest version of Node that the service supports. */
const MIN_NODE = [20, 19] as const;

export function nodeFinding(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  if (isSupported) return ok('node', `Node ${version} runs this command.`);
  return failed(
    'node',
    `Node ${version} is too old.`,
    `Install Node ${MIN_NODE.join('.')} or newer; 24 is recommended.`,
  );
}

export type MachineOptions = {
  settings: SettingsFiles;
  dataDir: string;
  /** The URL of the service if it answers. */
  serviceUrl: string | undefined;
};

/** Checks this machine with the settings that `errand up` would use in this folder. */
export async function examineMachine({ settings, dataDir, serviceUrl }: MachineOptions): Promise<Finding[]> {
  const warnings: Finding[] = [];
  try {
    checkNames(settings, (text) => warnings.push(warning('settings', text)));
  } catch (error) {
    return withoutConfiguration(failed('settings', (error as Error).message));
  }
  const { diagnose } = await import('@errand/server/diagnosis');
  const { values } = settings;
  const demo = demoOrigins(dataDir);
  const [port, findings] = await Promise.all([
    portFinding(values, serviceUrl),
    diagnose({
      settings: { ...values, ...originSettings(values), ERRAND_EGRESS_ALLOW: allowed(values, demo) },
      dataDir,
      stopped: serviceUrl === undefined ? demo : [],
    }),
  ]);
  return [...warnings, ...findings, port];
}

/** The demo CRM, which runs with the service. */
function demoOrigins(dataDir: string): string[] {
  const { url } = (readJson(join(dataDir, 'demo.json')) ?? {}) as { url?: string };
  return url === undefined ? [] : [url];
}

/** Errand up lets the service call the demo CRM. */
const allowed = ({ ERRAND_EGRESS_ALLOW }: NodeJS.ProcessEnv, demo: readonly string[]): string =>
  [ERRAND_EGRESS_ALLOW, ...demo].filter(Boolean).join(',');

async function portFinding(values: NodeJS.ProcessEnv, serviceUrl: string | undefined): Promise<Finding> {
  if (serviceUrl !== undefined) return ok('port', `The service listens at ${serviceUrl}.`);
  try {
    const { port, moved } = await choosePort(values);
    if (moved)
      return warning('port', `Port 4000 is taken, so errand up would use port ${port}.`, 'Set PORT to choose one.');
    return ok('port', port === 0 ? 'Any free port is used.' : `Port ${port} is free.`);
  } catch (error) {
    return failed('port', (error as Error).message);
  }
}
