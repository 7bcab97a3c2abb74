// The environment of `pnpm helpdesk`. It is imported first, because stack.mjs reads the environment when it is loaded.
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));
const elsewhere = ['HOST', 'PORT', 'ERRAND_PORT', 'PUBLIC_URL', 'ERRAND_SEED'];
const databases = ['DATABASE_URL', 'ERRAND_TENANT_DATABASE_URL', 'ERRAND_OWNER_DATABASE_URL'];

// The product has an Errand of its own, with its own Postgres and data folder, beside that of `pnpm start`.
for (const name of [...elsewhere, ...databases]) delete process.env[name];
process.env.ERRAND_DATA_DIR = `${process.env.ERRAND_DATA_DIR ?? join(root, '.errand')}-helpdesk`;
