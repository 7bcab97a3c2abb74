export { loginsOf, startWithAdministrator } from './administrator.ts';
export { anIntegration, aTarget, aTool, textsOf } from './anIntegration.ts';
export { createTestDatabase, type TestDatabase } from './database.ts';
export { masterKey } from './masterKey.ts';
export { seedDueRuns } from './seedDueRuns.ts';
export { seedLargeRuns } from './seedLargeRuns.ts';
export { seedRuns } from './seedRuns.ts';
export { startTestPostgres, type TestPostgres } from './server.ts';
export { toolsOf } from './toolsOf.ts';
