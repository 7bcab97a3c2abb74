export { createTestDatabase, type TestDatabase } from './database.ts';
export { startTestPostgres, type TestPostgres } from './server.ts';
