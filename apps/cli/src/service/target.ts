// Chooses the service that a command calls, and its key.
import { join } from 'node:path';
import type { CliEnv } from '../environment/config.ts';
import { readDataDir } from '../environment/service-settings.ts';
import { exitCodes } from '../outcome/exit-codes.ts';
import { Failure, usageFailure } from '../outcome/failure.ts';
import { type Profile, parse, readOwnFile, readProfiles } from '../profile/profile-file.ts';

export type TargetOptions = {
  url?: string;
  profile?: string;
  local?: boolean;
  /** The data folder of a service on this machine; that of the settings of this folder by default. */
  dataDir?: string;
};

/** A service and its key. `name` is that of the profile, under which recent ids are stored. */
export type Target = Profile & { name: string; source: 'profile' | 'environment' | 'data folder' };

/** The first that applies: --local, --profile, the environment, the current profile, the data folder of this folder. */
export function findTarget(options: TargetOptions, env: CliEnv): Target {
  const target = chooseTarget(options, env);
  if (!target) {
    throw new Failure('You are not signed in to a service.', {
      exitCode: exitCodes.signIn,
      remedy: 'Run errand login <url>, or set ERRAND_URL and ERRAND_API_KEY, or start one in this folder.',
    });
  }
  const url = options.url ?? target.url;
  assertMaySend(url);
  if (originOf(url) !== originOf(target.url)) {
    throw usageFailure(
      `The key of ${target.source === 'profile' ? `the profile ${target.name}` : `the ${target.source}`} belongs to ${originOf(target.url)}, and is not sent to ${originOf(url)}.`,
      `Run errand login ${originOf(url)} --profile <name>.`,
    );
  }
  return { ...target, url };
}

function chooseTarget(options: TargetOptions, env: CliEnv): Target | undefined {
  if (options.local) return localTarget(options) ?? missingLocal(options);
  const { profiles, current } = readProfiles(env.configDir);
  const named = options.profile ?? env.profile;
  if (named !== undefined) {
    const profile = profiles[named];
    if (!profile) {
      throw usageFailure(
        `There is no profile ${named}.`,
        `Profiles: ${Object.keys(profiles).join(', ') || 'none'}. Run errand login <url> --profile ${named}.`,
      );
    }
    return { ...profile, name: named, source: 'profile' };
  }
  if (env.apiKey !== undefined) {
    const url = env.url ?? options.url ?? 'http://127.0.0.1:4000';
    return { url, apiKey: env.apiKey.trim(), name: 'environment', source: 'environment' };
  }
  const profile = current === undefined ? undefined : profiles[current];
  if (profile) return { ...profile, name: current!, source: 'profile' };
  return localTarget(options);
}

/** The service that was started in this folder. Its file is only believed if it names this machine. */
function localTarget({ dataDir = readDataDir() }: TargetOptions): Target | undefined {
  const path = join(dataDir, 'dev.json');
  const text = readOwnFile(path);
  if (text === undefined) return undefined;
  const { url, apiKey } = parse(text, path) as Partial<Profile>;
  if (typeof url !== 'string' || typeof apiKey !== 'string' || !isLoopback(url)) return undefined;
  return { url, apiKey, name: 'local', source: 'data folder' };
}

function missingLocal({ dataDir = readDataDir() }: TargetOptions): never {
  throw usageFailure(`${join(dataDir, 'dev.json')} names no service on this machine.`, 'Start one in this folder.');
}

const HOSTS_OF_THIS_MACHINE = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const isLoopback = (url: string): boolean =>
  URL.canParse(url) && HOSTS_OF_THIS_MACHINE.test(new URL(url).hostname);

/** @throws Failure if a key would be readable on its way there */
export function assertMaySend(url: string): void {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw usageFailure(
      `"${url}" is not an http or https URL.`,
      'Give the URL of Errand, e.g. https://errand.example.com.',
    );
  }
  const { protocol, username, password } = new URL(url);
  if (username || password) throw usageFailure('The URL contains a user or a password.', 'Remove them.');
  if (protocol === 'http:' && !isLoopback(url)) {
    throw usageFailure(
      `${originOf(url)} is plain http: everyone on the way could read the key.`,
      'Use https. Only services on this machine may be called over http.',
    );
  }
}

export const originOf = (url: string): string => new URL(url).origin;
