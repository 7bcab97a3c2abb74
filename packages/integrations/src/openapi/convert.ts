import type { DescribedTool, RequestSettings } from '@errand/contracts';
import type { ImportedService } from '@errand/ports/importer';
import type { OAuthScheme } from '@errand/ports/service-auth';
import { stripHidden } from '../execute/clean.ts';
import type { ToolAuth } from '../execute/credential.ts';
import { fittingName, MAX_NAME, withDigest } from '../operation-name.ts';
import {
  type Context,
  child,
  DocumentFault,
  type Finding,
  invalid,
  isNode,
  member,
  type Node,
  plainText,
  resolve,
  textOf,
} from './document/document.ts';
import { limits } from './document/limits.ts';
import { inspectDocument, parseText } from './document/parse.ts';
import { baseUrlOf } from './document/server.ts';
import { hideFixed, warnOfUnknown } from './hide-fixed.ts';
import { type Endpoint, methodsOf, operationIdOf, toolOf } from './operation.ts';
import { requiredCredential, securityOf } from './security.ts';

export type ConvertInput = {
  text: string;
  documentUrl?: string;
  baseUrl?: string;
  /** Name of the integration; by default the document's title. */
  name?: string;
  customerIntegrationId: string;
  /** Values of the integration, which are no arguments of its tools. */
  requestSettings?: RequestSettings | undefined;
};

type Described = 'title' | 'description' | 'baseUrl' | 'host' | 'logoUrl' | 'requiredCredential';

export type ConvertedOpenApi = Pick<ImportedService, Described> & {
  auth: ToolAuth;
  oauth2?: OAuthScheme;
  tools: DescribedTool[];
  warnings: string[];
};

export type ImportedOpenApi = Omit<ConvertedOpenApi, 'tools'> & {
  /** JSON texts, each a list of tools without the members that follow from the integration. */
  tools: Uint8Array<ArrayBuffer>[];
  /** All base URLs at which tools are called. */
  servers: string[];
};

/** Converts a document into tools. Small faults, and operations that are left out, become warnings. @throws DocumentFault */
export function convertDocument(input: ConvertInput): ConvertedOpenApi {
  const warnings = new Warnings();
  const root = parseText(input.text);
  const context: Context = { root, version: versionOf(root), warn: warnings.add };
  inspectDocument(root, warnings.add);
  const baseUrl = baseUrlOf(context, input.baseUrl, input.documentUrl);
  const security = securityOf(context, input.documentUrl);
  const info = infoOf(context);
  const title = info.title ?? input.name ?? new URL(baseUrl).host;
  const integration = { name: input.name ?? title, customerIntegrationId: input.customerIntegrationId };
  const nameOf = operationNamer(context);
  const endpoints = operationsOf(context);
  const tools = endpoints.flatMap((endpoint) => {
    const name = nameOf(endpoint.method, endpoint.path, operationIdOf(endpoint.operation), endpoint.pointer);
    const { documentUrl } = input;
    const tool = toolOf(context, { ...endpoint, name, baseUrl, documentUrl, security, integration });
    return tool ? hideFixed(tool, input.requestSettings) : [];
  });
  warnOfUnknown(context, tools, input.requestSettings);
  const operations = endpoints.map(({ operation }) => operation);
  if (tools.length === 0)
    throw new DocumentFault('openapi_invalid', 'No operation of the document can be called.', warnings.findings);
  return {
    ...info,
    title,
    baseUrl,
    host: new URL(baseUrl).host,
    auth: security.auth,
    oauth2: security.oauth2,
    requiredCredential: requiredCredential(context, operations),
    tools,
    warnings: warnings.all,
  };
}

class Warnings {
  readonly #lines: string[] = [];
  #omitted = 0;

  readonly add = (pointer: string, message: string): void => {
    const line = stripHidden(`${pointer || '/'}: ${message}`)
      .slice(0, limits.warningLength)
      .toWellFormed();
    if (this.#lines.length >= limits.warnings) this.#omitted++;
    else if (!this.#lines.includes(line)) this.#lines.push(line);
  };

  get all(): string[] {
    return this.#omitted > 0 ? [...this.#lines, `/: ${this.#omitted} further warnings are not shown.`] : this.#lines;
  }

  get findings(): Finding[] {
    return this.#lines.slice(0, 20).map((line) => {
      const colon = line.indexOf(': ');
      return { pointer: line.slice(0, colon).replace(/^\/$/, ''), message: line.slice(colon + 2) };
    });
  }
}

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
    logoUrl: logoUrl.startsWith('https://') && logoUrl.length <= limits.urlLength ? logoUrl : undefined,
  };
}

function versionOf(root: Node): Context['version'] {
  if (member(root, 'swagger') !== undefined) {
    throw invalid('/swagger', 'Swagger 2.0 is not supported. Convert the document to OpenAPI 3.');
  }
  const version = String(member(root, 'openapi') ?? '');
  const match = /^3\.[01](\.|$)/.exec(version);
  if (!match) {
    const problem = version ? `${version.slice(0, 20)} is not supported` : 'The document names no version';
    throw invalid('/openapi', `${problem}. Use an OpenAPI 3.0 or 3.1 document.`);
  }
  return version.startsWith('3.0') ? '3.0' : '3.1';
}

function operationsOf(context: Context): Endpoint[] {
  const paths = member(context.root, 'paths');
  if (!isNode(paths)) throw invalid('/paths', 'The document has no paths, so there is nothing to call.');
  const all: Endpoint[] = [];
  for (const path of Object.keys(paths)) {
    const pointer = child('/paths', path);
    if (path.startsWith('x-')) continue;
    const pathItem = resolve(context, paths[path]);
    if (!path.startsWith('/') || /[?#\s\\]/.test(path) || hasDotSegment(path) || !pathItem) {
      const rule = 'it must begin with / and must not contain a query, blank, or dot segment';
      context.warn(pointer, `The path was left out: ${rule}.`);
      continue;
    }
    for (const { method, operation } of methodsOf(pathItem)) {
      if (method === 'trace') context.warn(child(pointer, method), 'TRACE was left out.');
      else all.push({ method, path, pathItem, operation, pointer: child(pointer, method) });
    }
    if (all.length > limits.operations) {
      throw new DocumentFault('openapi_too_large', `The document has more than ${limits.operations} operations.`);
    }
  }
  if (all.length === 0) throw invalid('/paths', 'The document has no operations, so there is nothing to call.');
  return all;
}

const hasDotSegment = (path: string): boolean => path.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part));

/** The name of an operation without an id: `get_deals_by_id` for GET /deals/{id}. */
const nameFromPath = (method: string, path: string): string =>
  `${method}_${path
    .split('/')
    .filter(Boolean)
    .map((part) => part.replace(/\{([^}]*)\}/g, 'by_$1'))
    .join('_')}`;

/** Gives every operation a unique name, which is the same when the document is imported again. */
function operationNamer(context: Context) {
  const usedNames = new Set<string>();
  return (method: string, path: string, operationId: string | undefined, pointer: string): string => {
    let name = fittingName(operationId?.trim() || nameFromPath(method, path));
    if (operationId !== undefined && name !== operationId) {
      context.warn(pointer, `The operation is called ${name}: letters, digits, _ and -, at most ${MAX_NAME}.`);
    }
    if (usedNames.has(name)) {
      const unique = withDigest(name, `${method} ${path}`);
      context.warn(pointer, `Another operation is called ${name}; this one is called ${unique}.`);
      name = unique;
    }
    usedNames.add(name);
    return name;
  };
}
