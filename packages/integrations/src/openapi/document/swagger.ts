import { type Context, DocumentFault, isNode, member, type Node, textOf } from './document.ts';
import { mustFit } from './server.ts';

/**
 * The document as OpenAPI 3 if it is Swagger 2.0, otherwise the document itself. Its depth and size must have been checked.
 * @throws DocumentFault if it cannot be converted
 */
export async function upgradeSwagger(
  root: Node,
  documentUrl: string | undefined,
  warn: Context['warn'],
): Promise<Node> {
  // YAML reads the version as a number.
  if (!/^2(\.0)?$/.test(String(member(root, 'swagger'))) || member(root, 'openapi') !== undefined) return root;
  const document: Node = { ...root, swagger: '2.0' };
  for (const key of ['host', 'basePath']) mustFit(textOf(member(document, key)) ?? '', `/${key}`);
  if (textOf(member(document, 'host')) && !Array.isArray(member(document, 'schemes')))
    document.schemes = [documentUrl?.startsWith('http:') ? 'http' : 'https'];
  const { upgradeFromTwoToThree } = await import('@scalar/openapi-upgrader/2.0-to-3.0');
  let upgraded: unknown;
  try {
    upgraded = upgradeFromTwoToThree(document);
  } catch (cause) {
    throw unusable(cause);
  }
  if (!isNode(upgraded) || member(upgraded, 'openapi') === undefined) throw unusable();
  warn('/swagger', 'The document is Swagger 2.0; it was converted to OpenAPI 3.');
  return upgraded;
}

const unusable = (cause?: unknown): DocumentFault => {
  const message = 'It cannot be converted from Swagger 2.0 to OpenAPI 3. Convert it yourself, and correct its faults.';
  const fault = new DocumentFault('openapi_invalid', message, [{ pointer: '/swagger', message }]);
  fault.cause = cause;
  return fault;
};
