import { ANYWHERE } from '@errand/evals';

const nouns = 'customer order invoice ticket shipment product supplier contract payment account'.split(' ');
const kinds = 'draft archived regional internal partner legacy seasonal wholesale retail export'.split(' ');

/** A service of five operations for each of its collections. */
export function someService(count: number) {
  const paths: Record<string, object> = {};
  for (let i = 0; i < count / 5; i++) {
    const [noun, kind] = [nouns[i % nouns.length]!, i < nouns.length ? '' : kinds[Math.floor(i / nouns.length) % 10]!];
    const group = i < nouns.length * 11 ? '' : `division${Math.floor(i / (nouns.length * 10))}`;
    const name = [group, kind, noun].filter(Boolean).join(' ');
    const id = name.replaceAll(/ (.)/g, (_, letter: string) => letter.toUpperCase());
    const record = {
      type: 'object',
      properties: {
        id: { type: 'integer' },
        title: { type: 'string' },
        status: { type: 'string' },
        [`${noun}Number`]: { type: 'string' },
      },
    };
    const answer = (schema: object) => ({ 200: { description: 'ok', content: { 'application/json': { schema } } } });
    const operation = (verb: string, text: string, more: object, schema: object) => ({
      operationId: `${verb}${id[0]!.toUpperCase()}${id.slice(1)}`,
      summary: text,
      responses: answer(schema),
      ...more,
    });
    const body = { requestBody: { required: true, content: { 'application/json': { schema: record } } } };
    const byId = [{ name: `${noun}Id`, in: 'path', required: true, schema: { type: 'integer' } }];
    const filters = ['status', 'customer', 'since'].map((key) => ({
      name: key,
      in: 'query',
      schema: { type: 'string' },
    }));
    const slug = name.replaceAll(' ', '-');
    paths[`/${slug}s`] = {
      get: operation('list', `List ${name}s`, { parameters: filters }, { type: 'array', items: record }),
      post: operation('create', `Create a ${name}`, body, record),
    };
    paths[`/${slug}s/{${noun}Id}`] = {
      get: operation('get', `Get a ${name}`, { parameters: byId }, record),
      patch: operation('update', `Update a ${name}`, { parameters: byId, ...body }, record),
      delete: operation('delete', `Delete a ${name}`, { parameters: byId }, record),
    };
  }
  return { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, servers: [{ url: ANYWHERE }], paths };
}
