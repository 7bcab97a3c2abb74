import type { JsonSchema } from '@errand/contracts';
import type { CallBody, CallPart, ParameterStyle } from '../execute/http-call.ts';
import { type Context, child, isNode, member, type Node, plainText, resolve, textOf } from './document/document.ts';
import { limits } from './document/limits.ts';
import { type Media, mediaOf } from './media.ts';
import type { Draft } from './schema/draft.ts';
import { writeSchema } from './schema/schema.ts';

export type ConvertedBody = { body: CallBody; schema: JsonSchema; required: boolean };

const fileSchema: JsonSchema = {
  description: 'A file: its bytes in base64, or an object with its text or base64.',
  anyOf: [
    { type: 'string', contentEncoding: 'base64' },
    {
      type: 'object',
      properties: {
        text: { type: 'string' },
        base64: { type: 'string', contentEncoding: 'base64' },
        filename: { type: 'string' },
        contentType: { type: 'string' },
      },
      additionalProperties: false,
    },
  ],
};

/** The request body of an operation, if any; `unsupported` if it cannot be sent. */
export function bodyOf(
  context: Context,
  draft: Draft,
  value: unknown,
  pointer: string,
): ConvertedBody | 'unsupported' | undefined {
  if (value === undefined) return undefined;
  const node = resolve(context, value);
  if (!node) {
    context.warn(pointer, 'The request body was left out: its $ref cannot be resolved.');
    return 'unsupported';
  }
  const required = member(node, 'required') === true;
  const all = mediaOf(member(node, 'content'));
  const media = all.find((one) => !isListForm(context, one));
  if (!media) {
    const rule =
      all.length > 0
        ? 'a form must be an object, whose members name its parts'
        : 'only JSON, forms and text can be sent';
    context.warn(pointer, `The request body was left out: ${rule}.`);
    return required || all.length > 0 ? 'unsupported' : undefined;
  }
  const converted = convertBody(context, draft, media, child(pointer, 'content', media.type, 'schema'));
  const description = plainText(member(node, 'description'), limits.schemaTextBytes);
  const { schema } = converted;
  const isUndescribed = description !== undefined && schema.description === undefined && !('$ref' in schema);
  return { ...converted, schema: isUndescribed ? { ...schema, description } : schema, required };
}

/** Whether a form is a list: its parts have no names. */
function isListForm(context: Context, { kind, node }: Media): boolean {
  if (kind !== 'form' && kind !== 'multipart') return false;
  const schema = resolve(context, member(node, 'schema'));
  return schema !== undefined && member(schema, 'type') === 'array';
}

function convertBody(context: Context, draft: Draft, media: Media, pointer: string): Omit<ConvertedBody, 'required'> {
  const source = member(media.node, 'schema') ?? {};
  const body: CallBody = { kind: media.kind, contentType: media.type };
  const toSchema = (value: unknown) => writeSchema(context, draft, value, { pointer, isClosed: true });
  if (media.kind === 'text') return { body, schema: toSchema({ type: 'string' }) };
  if (media.kind === 'json') return { body, schema: toSchema(source) };
  const formSchema = media.kind === 'multipart' ? resolve(context, source) : undefined;
  const parts = partsOf(context, member(media.node, 'encoding'), formSchema);
  if (Object.keys(parts).length > 0) body.parts = parts;
  const schema = toSchema(source);
  return { body, schema: formSchema ? withFiles(context, formSchema, toSchema(formSchema)) : schema };
}

const isFile = (property: Node | undefined): boolean =>
  property !== undefined &&
  (member(property, 'format') === 'binary' ||
    textOf(member(property, 'contentMediaType')) === 'application/octet-stream' ||
    member(property, 'type') === 'file');

function fileProperties(context: Context, formSchema: Node | undefined): Set<string> {
  const properties = formSchema && member(formSchema, 'properties');
  if (!isNode(properties)) return new Set();
  return new Set(
    Object.keys(properties).filter((name) => {
      const property = resolve(context, properties[name]);
      const items =
        property && member(property, 'type') === 'array' ? resolve(context, member(property, 'items')) : undefined;
      return isFile(items ?? property);
    }),
  );
}

/** The schema of a form with its files as text, which a plan can contain. */
function withFiles(context: Context, formSchema: Node, schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  if (!isNode(properties)) return schema;
  for (const name of fileProperties(context, formSchema)) {
    const property = properties[name];
    properties[name] = isNode(property) && property.type === 'array' ? { ...property, items: fileSchema } : fileSchema;
  }
  return schema;
}

function partsOf(context: Context, encoding: unknown, formSchema: Node | undefined): Record<string, CallPart> {
  const parts: Record<string, CallPart> = {};
  for (const name of fileProperties(context, formSchema)) parts[name] = { file: true };
  if (!isNode(encoding)) return parts;
  for (const [name, node] of Object.entries(encoding)) {
    if (!isNode(node)) continue;
    const part: CallPart = { ...parts[name] };
    const style = textOf(member(node, 'style'));
    const explode = member(node, 'explode');
    const contentType = textOf(member(node, 'contentType'));
    if (style && ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'].includes(style))
      part.style = style as ParameterStyle;
    if (typeof explode === 'boolean') part.explode = explode;
    if (member(node, 'allowReserved') === true) part.allowReserved = true;
    if (contentType && !/[^\x20-\x7e]/.test(contentType)) part.contentType = contentType.split(',')[0] as string;
    parts[name] = part;
  }
  return parts;
}
