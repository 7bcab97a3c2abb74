import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of this run's Postgres: `createTestDatabase(inject('postgres'))`. */
    postgres: string;
  }
}

/** For vitest's `globalSetup`: one Postgres a run, gone with it. */
export default async function setup(project: TestProject) {
  const server = await startTestPostgres();
  project.provide('postgres', server.url);
  return server.stop;
}
