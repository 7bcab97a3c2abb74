export { MigrationError, migrate, migrationsDir } from './migrate/migrate.ts';
