import { fittingName, MAX_NAME, withDigest } from '@errand/basics/operation-name';
import { type DescribedTool, MAX_URL, type RequestSettings } from '@errand/contracts';
import type { ImportedService } from '@errand/ports/importer';
import type { OAuthScheme } from '@errand/ports/service-auth';
import type { ToolAuth } from '../execute/credential.ts';
import {
  type Context,
  child,
  DocumentFault,
  invalid,
  isNode,
  member,
  type Node,
  plainText,
  resolve,
  textOf,
} from './document/document.ts';
import { limits, PICK_REMEDY } from './document/limits.ts';
import { mustFit, partsOf, serviceOf } from './document/server.ts';
import { Warnings } from './document/warnings.ts';
import { hideFixed, warnOfUnknown } from './hide-fixed.ts';
import { type Endpoint, methodsOf, operationIdOf, toolOf } from './operation.ts';
import { requiredCredential, securityOf } from './security.ts';

export type ConvertInput = {
  /** The document, as `inspectDocument` leaves it. */
  root: Node;
  documentUrl?: string;
  /** The owner's address of the service, instead of the servers of the document. */
  baseUrl?: string;
  /** Name of the integration; by default the document's title. */
  name?: string;
  customerIntegrationId: string;
  /** Values of the integration, which are no arguments of its tools. */
  requestSettings?: RequestSettings | undefined;
  /** Other names of operations, by operationId or by method and path. */
  names?: Readonly<Record<string, string>> | undefined;
  allowedOrigins?: readonly string[];
  /** For a further document of an integration. */
  previous?: PreviousDocuments;
};

/** The documents of an integration that were read before. */
export type PreviousDocuments = { baseUrl: string; operations: readonly string[]; toolBytes: number };

type Described = 'title' | 'description' | 'baseUrl' | 'host' | 'logoUrl' | 'requiredCredential';

export type ConvertedOpenApi = Pick<ImportedService, Described> & {
  auth: ToolAuth;
  oauth2?: OAuthScheme;
  tools: DescribedTool[];
  warnings: string[];
};

/** Converts a document into tools. Small faults, and operations that are left out, become warnings. @throws DocumentFault */
export function convertDocument(input: ConvertInput, warnings = new Warnings()): ConvertedOpenApi {
  const { root, documentUrl, allowedOrigins, previous } = input;
  const context: Context = { root, version: versionOf(root), warn: warnings.add, allowedOrigins };
  const endpoints = operationsOf(context, previous?.operations.length ?? 0);
  const service = serviceOf(context, { baseUrl: input.baseUrl, documentUrl, integrationUrl: previous?.baseUrl });
  const security = securityOf(context, documentUrl);
  const info = infoOf(context);
  const host = hostOf(service.baseUrl);
  const title = info.title ?? input.name ?? host;
  const integration = { name: input.name ?? title, customerIntegrationId: input.customerIntegrationId };
  const nameOf = operationNamer(context, previous?.operations ?? []);
  const tools = endpoints.flatMap((endpoint) => {
    const name = nameOf(endpoint.method, endpoint.path, idOf(endpoint, input.names), endpoint.pointer);
    const tool = toolOf(context, { ...endpoint, name, service, documentUrl, security, integration });
    return tool ? hideFixed(tool, input.requestSettings) : [];
  });
  warnOfUnknown(context, tools, input.requestSettings);
  const operations = endpoints.map(({ operation }) => operation);
  if (tools.length === 0)
    throw new DocumentFault('openapi_invalid', 'No operation of the document can be called.', warnings.findings);
  return {
    ...info,
    title,
    baseUrl: service.baseUrl,
    host,
    auth: security.auth,
    oauth2: security.oauth2,
    requiredCredential: requiredCredential(context, operations),
    tools,
    warnings: warnings.all,
  };
}

/** The id of an operation, or its other name. */
function idOf({ method, path, operation }: Endpoint, names: ConvertInput['names'] = {}): string | undefined {
  const id = operationIdOf(operation);
  const key = [id, `${method.toUpperCase()} ${path}`].find((name) => name !== undefined && Object.hasOwn(names, name));
  return key === undefined ? id : names[key];
}

/** The host of a base URL, which may contain variables. */
const hostOf = (baseUrl: string): string => partsOf(baseUrl).origin.replace(/^https?:\/\//i, '');

function infoOf(context: Context): { title?: string; description?: string; logoUrl?: string } {
  const info = member(context.root, 'info');
  if (!isNode(info)) {
    context.warn('/info', 'The document has no info.');
    return {};
  }
  const logo = member(info, 'x-logo');
  const logoUrl = isNode(logo) ? (textOf(member(logo, 'url')) ?? '') : '';
  return {
    title: plainText(member(info, 'title'), 200),
    description: plainText(member(info, 'description'), limits.descriptionBytes),
    logoUrl: isLogoUrl(context, logoUrl) ? logoUrl : undefined,
  };
}

/** Whether the text is an address with TLS, or of an origin that the operator or the workspace allows. */
const isLogoUrl = ({ allowedOrigins = [] }: Context, text: string): boolean =>
  text.length <= MAX_URL &&
  URL.canParse(text) &&
  (text.startsWith('https://') || allowedOrigins.includes(new URL(text).origin));

function versionOf(root: Node): Context['version'] {
  const version = String(member(root, 'openapi') ?? member(root, 'swagger') ?? '');
  const match = /^3\.[01](\.|$)/.exec(version);
  if (match) return version.startsWith('3.0') ? '3.0' : '3.1';
  if (String(member(root, 'kind')).startsWith('discovery#'))
    throw invalid('/kind', 'This is a Google API discovery document, which is not supported. Use an OpenAPI document.');
  const fault = version ? `${version.slice(0, 20)} is not supported` : 'The document names no version';
  throw invalid('/openapi', `${fault}. Use an OpenAPI 3.0 or 3.1 document, or Swagger 2.0.`);
}

function operationsOf(context: Context, previousCount: number): Endpoint[] {
  const paths = member(context.root, 'paths');
  if (!isNode(paths)) throw invalid('/paths', 'The document has no paths, so there is nothing to call.');
  const all: Endpoint[] = [];
  for (const path of Object.keys(paths)) {
    const pointer = child('/paths', path);
    if (path.startsWith('x-')) continue;
    const pathItem = resolve(context, paths[path]);
    mustFit(path, '/paths');
    if (!path.startsWith('/') || /[?#\s\\]/.test(path) || hasDotSegment(path) || !pathItem) {
      const rule = 'it must begin with / and must not contain a query, blank, or dot segment';
      context.warn(pointer, `The path was left out: ${rule}.`);
      continue;
    }
    for (const { method, operation } of methodsOf(pathItem)) {
      if (method === 'trace') context.warn(child(pointer, method), 'TRACE was left out.');
      else all.push({ method, path, pathItem, operation, pointer: child(pointer, method) });
    }
    if (previousCount + all.length > limits.operations) throw tooManyOperations();
  }
  if (all.length === 0) throw withoutOperations(Object.keys(paths));
  return all;
}

const tooManyOperations = (): DocumentFault =>
  new DocumentFault(
    'openapi_too_large',
    `An integration may have at most ${limits.operations} operations.`,
    [],
    PICK_REMEDY,
  );

/** Paths by which AWS documents describe operations that all have the same URL. */
const AWS_QUERY = /^\/[^#?]*[#?](?:.*&)?(?:Action|X-Amz-Target)(?:=|$)/;

function withoutOperations(paths: readonly string[]): DocumentFault {
  const example = paths.find((path) => AWS_QUERY.test(path));
  if (example === undefined) return invalid('/paths', 'The document has no operations, so there is nothing to call.');
  return invalid(
    child('/paths', example),
    'The document describes operations of the AWS query or JSON protocol, by `Action` or `X-Amz-Target` after # or ? of a path. These protocols are not supported: all operations have one URL, and OpenAPI cannot describe their requests.',
  );
}

const hasDotSegment = (path: string): boolean => path.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part));

/** The name of an operation without an id: `get_deals_by_id` for GET /deals/{id}. */
const nameFromPath = (method: string, path: string): string =>
  `${method}_${path
    .split('/')
    .filter(Boolean)
    .map((part) => part.replace(/\{([^{}]*)\}/g, 'by_$1'))
    .join('_')}`;

/** Gives every operation a unique name, which is the same when the documents are imported again in the same order. */
function operationNamer(context: Context, previousNames: readonly string[]) {
  const usedNames = new Set(previousNames);
  return (method: string, path: string, operationId: string | undefined, pointer: string): string => {
    let name = fittingName(operationId?.trim() || nameFromPath(method, path));
    if (operationId !== undefined && name !== operationId) {
      context.warn(pointer, `The operation is called ${name}: letters, digits, _ and -, at most ${MAX_NAME}.`);
    }
    if (usedNames.has(name)) {
      const unique = uniqueName(name, `${method} ${path}`, usedNames);
      context.warn(pointer, `Another operation is called ${name}; this one is called ${unique}.`);
      name = unique;
    }
    usedNames.add(name);
    return name;
  };
}

/** Several documents may have the same method and path. */
function uniqueName(name: string, endpoint: string, usedNames: ReadonlySet<string>): string {
  let unique = withDigest(name, endpoint);
  for (let n = 2; usedNames.has(unique); n++) unique = withDigest(name, `${endpoint} ${n}`);
  return unique;
}
