// The service with its Postgres and, with the embedded one, the demo CRM. `errand up`, `pnpm start` and the demos start it.
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readJson } from '../early/json-files.mjs';
import type { Crm, Running } from '../early/running.mjs';
import type { Screen } from '../early/screen.mjs';
import { settingsAlone } from '../names.ts';
import { repoint, settingsForCrm, startCrm } from './crm.ts';
import { KeptService, type OnPostgres } from './kept-service.ts';
import { demoIndex, end, killGroup, type LaunchOptions, launch, programs } from './processes.ts';

export { checkNames } from '@errand/server/folder-settings';
export { openPage } from '../../terminal/open-page.ts';
export { invitation } from '../invitation.ts';
export { planning } from '../planner.ts';
export { firstLine } from './processes.ts';

export type StackOptions = {
  dataDir: string;
  /** The environment of the programs, with the settings of the service. */
  settings: NodeJS.ProcessEnv;
  withDemo: boolean;
  /** Whether the service migrates the embedded database without a backup. */
  withoutBackup?: boolean | undefined;
  /** Reports the ends and restarts of the service. */
  screen: Screen;
};

type Part = { stop: () => Promise<void>; kill: () => void };

export type Stack = ReturnType<typeof createStack>;

/** The built demo. */
export const importDemo = (): Promise<typeof import('@errand/demo')> => import(demoIndex.href);

/**
 * `start` resolves when all are ready, and rejects with the error of the service; `stop` ends them in order; `kill` ends them at once.
 */
export function createStack({ dataDir, settings, withDemo, withoutBackup = false, screen }: StackOptions) {
  const parts: Part[] = [];
  let isStopped = false;
  const launchUnlessStopped = (args: readonly string[], options: LaunchOptions): ChildProcess => {
    if (isStopped) throw new Error('It was stopped.');
    return launch(args, options);
  };
  const launchPart = (args: readonly string[], options: LaunchOptions): ChildProcess => {
    const child = launchUnlessStopped(args, options);
    parts.push({ stop: () => end(child), kill: () => killGroup(child) });
    return child;
  };
  return {
    /** Starts another program with Node. It ends before the earlier ones. */
    launch: launchPart,
    /**
     * @param more settings of the service
     * @param onPostgres called when Postgres is ready
     */
    async start(
      more: NodeJS.ProcessEnv = {},
      onPostgres: OnPostgres = () => {},
    ): Promise<Running & Pick<KeptService, 'refused'>> {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const base: NodeJS.ProcessEnv = { ...settingsAlone(settings), ERRAND_DATA_DIR: dataDir };
      const crm: Crm | undefined =
        withDemo && !settings.DATABASE_URL ? await startCrm(dataDir, base, launchPart) : undefined;
      const env = { ...base, ...originSettings(settings), ...more, ...(crm && settingsForCrm(crm, settings)) };
      const logPath = join(dataDir, 'server.log');
      const service = new KeptService({ logPath, env, start: launchUnlessStopped, withoutBackup, screen });
      parts.push(service);
      const ready = await service.start(onPostgres);
      const { url, apiKey } = readJson(join(dataDir, 'dev.json')) as { url: string; apiKey: string };
      if (crm) await repoint({ url, apiKey }, crm);
      const loginLink = ready.loginLink ?? (await createLoginLink(env));
      return { url, apiKey, crm, loginLink, refused: service.refused };
    },
    async stop(): Promise<void> {
      isStopped = true;
      // The newest first: the service needs the CRM while it drains.
      for (const part of [...parts].reverse()) await part.stop();
    },
    kill(): void {
      isStopped = true;
      for (const part of parts) part.kill();
    },
  };
}

/** A link that signs the first administrator in; undefined if the command fails. */
async function createLoginLink(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  // The environment has all settings. Files of the current folder may be those of another service.
  const options = { env, cwd: env.ERRAND_DATA_DIR };
  const { stdout } = await promisify(execFile)(process.execPath, [programs.loginLink], options).catch(() => ({
    stdout: '',
  }));
  return /https?:\S+/.exec(stdout)?.[0];
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** On loopback alone, administrators may allow services of the private network and of this machine: all callers are on this machine. */
export function originSettings({
  HOST,
  PUBLIC_URL,
  ERRAND_WORKSPACE_ORIGINS,
  ERRAND_WORKSPACE_LOOPBACK_PORTS,
}: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hosts = [HOST || '127.0.0.1', ...(URL.canParse(PUBLIC_URL ?? '') ? [new URL(PUBLIC_URL ?? '').hostname] : [])];
  if (!hosts.every((host) => LOOPBACK.test(host))) return {};
  return {
    ERRAND_WORKSPACE_ORIGINS: ERRAND_WORKSPACE_ORIGINS || 'true',
    ERRAND_WORKSPACE_LOOPBACK_PORTS: ERRAND_WORKSPACE_LOOPBACK_PORTS || '1024-65535',
  };
}
