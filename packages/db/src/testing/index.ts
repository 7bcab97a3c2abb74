export { loginsOf, startWithAdministrator } from './administrator.ts';
export { anIntegration, aTarget, aTool, textsOf } from './an-integration.ts';
export { createTestDatabase, type TestDatabase } from './database.ts';
export { masterKey } from './master-key.ts';
export { seedDueRuns } from './seed-due-runs.ts';
export { seedLargeRuns } from './seed-large-runs.ts';
export { seedRuns } from './seed-runs.ts';
export { startTestPostgres, type TestPostgres } from './server.ts';
export { toolsOf } from './tools-of.ts';
