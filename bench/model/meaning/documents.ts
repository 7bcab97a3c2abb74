// OpenAPI documents of made-up services.

import { CLINIC_SCHEMAS } from './clinic.ts';
import { HIRE_SCHEMAS } from './hire.ts';
import type { Operation } from './operation.ts';
import { POST_SCHEMAS } from './post.ts';
import { text } from './schemas.ts';
import { TRACK_SCHEMAS } from './track.ts';

const SCHEMAS = { ...HIRE_SCHEMAS, ...POST_SCHEMAS, ...CLINIC_SCHEMAS, ...TRACK_SCHEMAS };

/** The OpenAPI document of a service. */
export const documentOf = (title: string, operations: readonly Operation[], origin: string) => ({
  openapi: '3.1.0',
  info: { title, version: '1' },
  servers: [{ url: origin }],
  components: { schemas: SCHEMAS },
  paths: operations.reduce<Record<string, Record<string, unknown>>>((paths, operation) => {
    const { id, method = 'get', path, summary, body, answer } = operation;
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: text('Id'),
    }));
    const inQuery = Object.entries(operation.query ?? {}).map(([name, schema]) => ({
      name: name.replace('!', ''),
      in: 'query',
      required: name.endsWith('!'),
      schema,
      description: schema.description,
    }));
    const sent = body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } };
    const responses = { 200: { description: 'Done', content: { 'application/json': { schema: answer } } } };
    paths[path] = {
      ...paths[path],
      [method]: { operationId: id, summary, parameters: [...inPath, ...inQuery], ...sent, responses },
    };
    return paths;
  }, {}),
});
