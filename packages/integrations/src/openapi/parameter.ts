import { isForbiddenHeader, type JsonSchema } from '@errand/contracts';
import { isWritableHeader } from '../egress/headers.ts';
import type { CallParameter, ParameterStyle } from '../execute/http-call.ts';
import { type Context, child, isNode, member, type Node, plainText, resolve, textOf } from './document/document.ts';
import { limits } from './document/limits.ts';
import type { Draft } from './schema/draft.ts';
import { writeSchema } from './schema/schema.ts';

type ParameterLocation = CallParameter['in'];
export type ConvertedParameter = { parameter: CallParameter; schema: JsonSchema; required: boolean };

const styles: Record<ParameterLocation, readonly ParameterStyle[]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
};
/** OpenAPI ignores parameters with these names; calls set the last one themselves. */
const callHeaders = new Set(['accept', 'content-type', 'authorization', 'idempotency-key']);

/** The parameters of an operation, which override those of its path; `pointer` leads to a list. */
export function parametersOf(
  context: Context,
  draft: Draft,
  lists: readonly { list: unknown; pointer: string }[],
  reserved: ReadonlySet<string>,
): ConvertedParameter[] {
  const byKey = new Map<string, ConvertedParameter | undefined>();
  for (const { list, pointer: listPointer } of lists) {
    if (!Array.isArray(list)) continue;
    for (const [index, item] of list.entries()) {
      const pointer = child(listPointer, index);
      const node = resolve(context, item);
      const name = node && textOf(member(node, 'name'));
      const location = node && textOf(member(node, 'in'));
      if (!node || !name || !location) {
        context.warn(pointer, 'The parameter was left out: no name, no in, or a broken $ref.');
        continue;
      }
      const parameterNode = { node, name, location, pointer };
      byKey.set(`${location} ${name}`, readParameter(context, draft, parameterNode, reserved));
    }
  }
  return [...byKey.values()].filter((item) => item !== undefined);
}

/** A parameter in the document; `pointer` leads to it. */
type ParameterNode<P> = { node: Node; name: string; location: P; pointer: string };

function readParameter(
  context: Context,
  draft: Draft,
  parameterNode: ParameterNode<string>,
  reserved: ReadonlySet<string>,
): ConvertedParameter | undefined {
  const { node, name, location, pointer } = parameterNode;
  if (isSentElsewhere(name, location, reserved)) return undefined;
  if (!isSent(location)) {
    context.warn(pointer, `The parameter ${name} was left out: parameters in ${location} are not sent.`);
    return undefined;
  }
  if (name === '__proto__' || (location === 'header' && (isForbiddenHeader(name) || !isWritableHeader(name, '')))) {
    context.warn(pointer, `The parameter ${name} was left out: it may not be set.`);
    return undefined;
  }
  const parameter = callParameterOf(context, { node, name, location, pointer });
  const source = schemaSource(context, parameterNode);
  if (source.json) parameter.json = true;
  const schema = writeSchema(context, draft, source.schema ?? {}, { pointer: source.pointer, isClosed: true });
  const required = location === 'path' || member(node, 'required') === true;
  return { parameter, schema: withDescription(schema, node), required };
}

const isSent = (location: string): location is ParameterLocation => Object.hasOwn(styles, location);

/** Whether a parameter is a credential, or a header that the call sets itself. */
function isSentElsewhere(name: string, location: string, reserved: ReadonlySet<string>): boolean {
  if (location !== 'header') return reserved.has(`${location} ${name}`);
  return reserved.has(`header ${name.toLowerCase()}`) || callHeaders.has(name.toLowerCase());
}

/** The schema of a parameter or of its media type, and its pointer. */
function schemaSource(context: Context, { node, name, pointer }: ParameterNode<string>) {
  const content = member(node, 'content');
  const media = isNode(content) ? Object.entries(content)[0] : undefined;
  if (media) {
    const schema = isNode(media[1]) ? member(media[1], 'schema') : undefined;
    return { schema, pointer: child(pointer, 'content', media[0], 'schema'), json: true };
  }
  const schema = member(node, 'schema');
  if (schema !== undefined) return { schema, pointer: child(pointer, 'schema') };
  context.warn(pointer, `The parameter ${name} has no schema.`);
  const type = textOf(member(node, 'type'));
  return { schema: type === undefined ? undefined : { type }, pointer: child(pointer, 'schema') };
}

function callParameterOf(context: Context, { node, name, location, pointer }: ParameterNode<ParameterLocation>) {
  const requestedStyle = member(node, 'style');
  let style: ParameterStyle = location === 'query' ? 'form' : 'simple';
  if (styles[location].includes(requestedStyle as ParameterStyle)) style = requestedStyle as ParameterStyle;
  else if (requestedStyle !== undefined) {
    const text = String(requestedStyle).slice(0, 40);
    context.warn(child(pointer, 'style'), `${text} is not a style of a ${location} parameter.`);
  }
  const explodeMember = member(node, 'explode');
  const explode = explodeMember === undefined ? style === 'form' : explodeMember === true;
  const parameter: CallParameter = { in: location, name, style, explode };
  if (location === 'query' && member(node, 'allowReserved') === true) parameter.allowReserved = true;
  return parameter;
}

function withDescription(schema: JsonSchema, node: Node): JsonSchema {
  const text = plainText(member(node, 'description'), limits.schemaTextBytes);
  if (text === undefined || schema.description !== undefined) return schema;
  return '$ref' in schema ? { allOf: [schema], description: text } : { ...schema, description: text };
}
