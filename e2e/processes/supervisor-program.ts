// The supervisor of two processes, as a program.
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@errand/db/testing';
import { inject, onTestFinished } from 'vitest';
import { type Program, startProgram } from '../fixtures/program.ts';
import { databaseEnv } from '../fixtures/server.ts';

export const main = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

export const startSupervisor = (dataDir: string, env: Record<string, string>): Program =>
  startProgram(dataDir, [main], { env: { ERRAND_PORT: '0', ERRAND_PROCESSES: '2', ...env } });

export async function aDatabase(): Promise<Record<string, string>> {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  return databaseEnv(database.url);
}
