// The last step of the build: writes the OpenAPI document, so that no start of the service has to make it, and copies the script of its
// reference page.
import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { apiDocument, documentFile } from '../dist/index.js';

writeFileSync(documentFile, JSON.stringify(apiDocument()));
const { resolve } = createRequire(import.meta.url);
copyFileSync(
  join(dirname(resolve('@scalar/fastify-api-reference')), 'js', 'standalone.js'),
  new URL('../dist/reference.js', import.meta.url),
);
