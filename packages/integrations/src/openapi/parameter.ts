import type { JsonSchema } from '@errand/contracts';
import { isForbiddenHeader, isWritableHeader } from '../egress/headers.ts';
import type { CallParameter, ParameterStyle } from '../execute/http-call.ts';
import { type Context, isNode, member, type Node, plainText, resolve, step, textOf } from './document/document.ts';
import { limits } from './document/limits.ts';
import { type Draft, writeSchema } from './schema/schema.ts';

type ParameterLocation = CallParameter['in'];
export type FoundParameter = { parameter: CallParameter; schema: JsonSchema; required: boolean };

const styles: Record<ParameterLocation, readonly ParameterStyle[]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
};
/** OpenAPI ignores parameters with these names; calls set the last one themselves. */
const callHeaders = new Set(['accept', 'content-type', 'authorization', 'idempotency-key']);

/** The parameters of an operation, which override those of its path; `at` are the pointers of the lists. */
export function parametersOf(
  context: Context,
  draft: Draft,
  lists: readonly { list: unknown; at: string }[],
  reserved: ReadonlySet<string>,
): FoundParameter[] {
  const byKey = new Map<string, FoundParameter | undefined>();
  for (const { list, at } of lists) {
    if (!Array.isArray(list)) continue;
    for (const [index, item] of list.entries()) {
      const pointer = step(at, index);
      const node = resolve(context, item);
      const name = node && textOf(member(node, 'name'));
      const location = node && textOf(member(node, 'in'));
      if (!node || !name || !location) {
        context.warn(pointer, 'The parameter was left out: no name, no in, or a broken $ref.');
        continue;
      }
      const described = { node, name, location, at: pointer };
      byKey.set(`${location} ${name}`, readParameter(context, draft, described, reserved));
    }
  }
  return [...byKey.values()].filter((item) => item !== undefined);
}

/** A parameter in the document; `at` is its pointer. */
type Described<P> = { node: Node; name: string; location: P; at: string };

function readParameter(
  context: Context,
  draft: Draft,
  described: Described<string>,
  reserved: ReadonlySet<string>,
): FoundParameter | undefined {
  const { node, name, location, at } = described;
  if (isSentElsewhere(name, location, reserved)) return undefined;
  if (!isSent(location)) {
    context.warn(at, `The parameter ${name} was left out: parameters in ${location} are not sent.`);
    return undefined;
  }
  if (name === '__proto__' || (location === 'header' && (isForbiddenHeader(name) || !isWritableHeader(name, '')))) {
    context.warn(at, `The parameter ${name} was left out: it may not be set.`);
    return undefined;
  }
  const parameter = written(context, { node, name, location, at });
  const source = sourceOf(context, described);
  if (source.json) parameter.json = true;
  const schema = describe(writeSchema(context, draft, source.schema ?? {}, { at: source.at, closed: true }), node);
  return { parameter, schema, required: location === 'path' || member(node, 'required') === true };
}

const isSent = (location: string): location is ParameterLocation => Object.hasOwn(styles, location);

/** Whether a parameter is a credential, or a header that the call sets itself. */
function isSentElsewhere(name: string, location: string, reserved: ReadonlySet<string>): boolean {
  if (location !== 'header') return reserved.has(`${location} ${name}`);
  return reserved.has(`header ${name.toLowerCase()}`) || callHeaders.has(name.toLowerCase());
}

/** The schema of a parameter or of its media type, and its pointer. */
function sourceOf(context: Context, { node, name, at }: Described<string>) {
  const content = member(node, 'content');
  const media = isNode(content) ? Object.entries(content)[0] : undefined;
  if (media) {
    const schema = isNode(media[1]) ? member(media[1], 'schema') : undefined;
    return { schema, at: step(at, 'content', media[0], 'schema'), json: true };
  }
  const schema = member(node, 'schema');
  if (schema !== undefined) return { schema, at: step(at, 'schema') };
  context.warn(at, `The parameter ${name} has no schema.`);
  const type = textOf(member(node, 'type'));
  return { schema: type === undefined ? undefined : { type }, at: step(at, 'schema') };
}

function written(context: Context, { node, name, location, at }: Described<ParameterLocation>): CallParameter {
  const requestedStyle = member(node, 'style');
  let style: ParameterStyle = location === 'query' ? 'form' : 'simple';
  if (styles[location].includes(requestedStyle as ParameterStyle)) style = requestedStyle as ParameterStyle;
  else if (requestedStyle !== undefined) {
    const text = String(requestedStyle).slice(0, 40);
    context.warn(step(at, 'style'), `${text} is not a style of a ${location} parameter.`);
  }
  const stated = member(node, 'explode');
  const explode = stated === undefined ? style === 'form' : stated === true;
  const parameter: CallParameter = { in: location, name, style, explode };
  if (location === 'query' && member(node, 'allowReserved') === true) parameter.allowReserved = true;
  return parameter;
}

function describe(schema: JsonSchema, node: Node): JsonSchema {
  const text = plainText(member(node, 'description'), limits.schemaTextBytes);
  if (text === undefined || schema.description !== undefined) return schema;
  return '$ref' in schema ? { allOf: [schema], description: text } : { ...schema, description: text };
}
