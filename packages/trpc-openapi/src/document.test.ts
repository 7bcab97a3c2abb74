import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { openApiDocument } from './index.ts';
import { contract, errors } from './testing/fixtures/notes.ts';

const info = { title: 'Notes', version: '1.0.0' };
const document = openApiDocument(contract, { info, errors });
it('is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(result).toMatchObject({ valid: true });
});
