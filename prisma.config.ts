// Read by Prisma's command line. Only `prisma generate` is needed to build, and it wants some executable to be named
// before it would download its schema engine, which generate never runs: node itself serves.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default {
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
};
