import { type Client, createClient } from '@errand/client';
import type { CliEnv } from '../environment/config.ts';
import type { Profile } from '../profile/profile-file.ts';
import { findTarget, type Target, type TargetOptions } from './target.ts';

/** The service that a command calls. */
export type Service = { client: Client; target: Target };

/** @throws Failure if no service is known, or if its key may not be sent there */
export function openService(options: TargetOptions, env: CliEnv): Service {
  const target = findTarget(options, env);
  return { client: clientOf(target), target };
}

/** A person does not wait as long as a server for a service that does not answer. */
export const clientOf = ({ url, apiKey }: Profile): Client =>
  createClient({ url, apiKey, retry: { attempts: 4, totalMs: 8_000 } });
