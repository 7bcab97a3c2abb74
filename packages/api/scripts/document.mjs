// The last step of the build: writes the OpenAPI document, so that no start of the service has to make it.
import { writeFileSync } from 'node:fs';
import { apiDocument, documentFile } from '../dist/index.js';

writeFileSync(documentFile, JSON.stringify(apiDocument()));
