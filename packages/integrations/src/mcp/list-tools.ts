import { fittingName, withDigest } from '@errand/basics/operation-name';
import { type DescribedTool, effectByWords, type JsonSchema, MAX_URL } from '@errand/contracts';
import { z } from 'zod';
import { overBudget } from '../egress/within-budget.ts';
import { stripHidden } from '../execute/clean.ts';
import { type Challenge, challengeOf } from '../oauth/challenge.ts';
import type { McpCall } from './mcp-call.ts';
import { withClient } from './open-client.ts';
import type { Exchange, McpServer } from './server-fetch.ts';

/** Bounds of a list; `toolBytes` and `bytes` are of one tool and of all, as JSON. */
const LIST_LIMITS = { tools: 2000, pages: 64, toolBytes: 64 * 1024, bytes: 8 * 1024 * 1024, warnings: 100 } as const;
const MAX_DESCRIPTION = 4000;
/** A list is valid for a day at most. */
const MAX_TTL_MS = 86_400_000;

const Page = z.looseObject({
  tools: z.array(z.unknown()),
  nextCursor: z.string().optional(),
  ttlMs: z.number().nonnegative().optional().catch(undefined),
});
const ListResponse = z.looseObject({ result: Page });
const Listed = z.looseObject({
  name: z.string().min(1).max(128),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
type Listed = z.infer<typeof Listed>;

export type ListedTools = {
  title?: string;
  /** The first icon of the server with TLS. */
  logoUrl?: string;
  tools: Omit<DescribedTool, 'customerIntegrationId' | 'integrationName' | 'name'>[];
  /** Left out or changed parts, each with the name of its tool. */
  warnings: string[];
  /** Validity of the list in ms, as the server says. */
  ttlMs?: number;
};

/** The server refused to list its tools without another credential. */
export class McpRefusal extends Error {
  override readonly name = 'McpRefusal';

  constructor(
    readonly status: 401 | 403,
    readonly challenge: Challenge,
    options: { cause: unknown },
  ) {
    super('The MCP server refused to list its tools.', options);
  }
}

/**
 * Reads the tools of a server, page by page, and leaves out unusable tools, each with a warning.
 * @param trustHints whether the server's `readOnlyHint` may make a tool a read; otherwise each tool is a write
 * @throws McpRefusal, errors of the SDK and EgressError
 */
export async function listMcpTools(
  server: McpServer,
  { trustHints, signal: canceled }: { trustHints: boolean; signal?: AbortSignal },
): Promise<ListedTools> {
  const { budget } = server;
  const signal = canceled ? AbortSignal.any([canceled, budget.signal]) : budget.signal;
  const exchange: Exchange = { isSent: false, secrets: [] };
  const raw: unknown[] = [];
  // In the newest revision the SDK rejects a whole page for one invalid tool, so it gets an empty page and each tool is checked here.
  const onTools = (message: unknown) => {
    const parsed = ListResponse.safeParse(message);
    if (!parsed.success) return message;
    raw.push(...parsed.data.result.tools.slice(0, LIST_LIMITS.tools + 1));
    return { ...parsed.data, result: { ...parsed.data.result, tools: [] } };
  };
  const throwRefusal = (cause: unknown) => {
    const { status, challenge } = exchange.refusal ?? {};
    throw status === 401 || status === 403
      ? new McpRefusal(status, challengeOf(challenge), { cause })
      : (overBudget(budget, true) ?? cause);
  };
  const listing = withClient(server, exchange, { onLost: () => {}, onTools, signal }, async (client) => {
    const list = new ToolList(client.getDiscoverResult() !== undefined);
    let cursor: string | undefined;
    for (let pages = 0; pages < LIST_LIMITS.pages && !list.isFull; pages++) {
      const request = { method: 'tools/list' as const, params: cursor === undefined ? {} : { cursor } };
      const page = await client.request(request, Page, { signal, timeout: budget.remainingMs });
      list.add([...raw.splice(0), ...page.tools], page.ttlMs);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    const { title, icons } = client.getServerVersion() ?? {};
    return { ...list.finish(cursor !== undefined, { title, trustHints }), logoUrl: iconOf(icons) };
  });
  return listing.catch(throwRefusal);
}

function iconOf(icons: readonly { src: string }[] = []): string | undefined {
  return icons.find(({ src }) => src.startsWith('https://') && src.length <= MAX_URL)?.src;
}

class ToolList {
  readonly #tools: Listed[] = [];
  readonly #warnings: string[] = [];
  #ttlMs: number | undefined;
  #bytes = 0;
  /** All that were listed: also an unusable one takes time. */
  #count = 0;

  /** @param takesHeaders whether the revision has arguments as headers */
  constructor(private readonly takesHeaders: boolean) {}

  get isFull(): boolean {
    return this.#count >= LIST_LIMITS.tools || this.#bytes >= LIST_LIMITS.bytes;
  }

  add(page: readonly unknown[], ttlMs: number | undefined): void {
    for (const item of page) {
      this.#count++;
      if (this.#count > LIST_LIMITS.tools) break;
      const tool = usableTool(item, this.#warn);
      const fault = this.takesHeaders ? faultOfHeaderMarks(tool?.inputSchema) : undefined;
      if (fault !== undefined) {
        this.#warn(`${tool!.name}: left out, ${fault}`);
        continue;
      }
      this.#bytes += sizeOf(item);
      if (tool && !this.isFull) this.#tools.push(tool);
    }
    if (ttlMs !== undefined) this.#ttlMs = Math.min(this.#ttlMs ?? MAX_TTL_MS, ttlMs);
  }

  finish(hasMore: boolean, { title, trustHints }: { title: string | undefined; trustHints: boolean }): ListedTools {
    if (hasMore || this.#count > LIST_LIMITS.tools || this.#bytes >= LIST_LIMITS.bytes)
      this.#warn(`The list has more than ${this.#tools.length} tools; the rest is left out.`);
    const tools = withOperationNames(this.#tools, this.#warn).map((tool) => toTool(tool, trustHints, this.#warn));
    return { title, tools, ttlMs: this.#ttlMs, warnings: this.#warnings };
  }

  readonly #warn = (text: string): void => {
    if (this.#warnings.length < LIST_LIMITS.warnings)
      this.#warnings.push(stripHidden(text).slice(0, 500).toWellFormed());
  };
}

/** The length of a value as JSON; over any limit if it is nested too deeply for that. */
function sizeOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    return LIST_LIMITS.toolBytes + 1;
  }
}

function usableTool(value: unknown, warn: (text: string) => void): Listed | undefined {
  const parsed = Listed.safeParse(value);
  const rawName = (value as { name?: unknown } | null)?.name;
  const name = typeof rawName === 'string' && rawName !== '' ? rawName.slice(0, 128) : 'A tool without a name';
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return void warn(`${name}: left out, ${path.join('.')}: ${message}`);
  }
  if (sizeOf(value) > LIST_LIMITS.toolBytes)
    return void warn(`${name}: left out, its description and schemas have more than ${LIST_LIMITS.toolBytes} bytes.`);
  const { type = 'object' } = parsed.data.inputSchema;
  if (type !== 'object') return void warn(`${name}: left out, its arguments are not an object.`);
  return { ...parsed.data, inputSchema: { ...parsed.data.inputSchema, type } };
}

type NamedTool = Listed & { operation: string };

/** Gives operations names that do not depend on the order of the list: tools with names that would become equal all get a digest. */
function withOperationNames(listed: readonly Listed[], warn: (text: string) => void): NamedTool[] {
  const distinct = new Map<string, Listed>();
  for (const tool of listed) {
    if (distinct.has(tool.name)) warn(`${tool.name}: named twice; the first is used.`);
    else distinct.set(tool.name, tool);
  }
  const nameCounts = new Map<string, number>();
  for (const name of distinct.keys()) nameCounts.set(fittingName(name), (nameCounts.get(fittingName(name)) ?? 0) + 1);
  return [...distinct.values()].map((tool) => {
    const fitting = fittingName(tool.name);
    return { ...tool, operation: nameCounts.get(fitting)! > 1 ? withDigest(fitting, tool.name) : fitting };
  });
}

function toTool(tool: NamedTool, trustHints: boolean, warn: (text: string) => void): ListedTools['tools'][number] {
  const { operation, name, title, description = '', inputSchema, outputSchema, annotations = {} } = tool;
  const hints = Object.fromEntries(
    Object.entries(annotations).filter((entry): entry is [string, boolean | string] =>
      ['boolean', 'string'].includes(typeof entry[1]),
    ),
  );
  const call: McpCall = { kind: 'mcp', name, ...(Object.keys(hints).length > 0 && { hints }) };
  const stated = trustHints && hints.readOnlyHint === true ? 'read' : 'write';
  const byWords = effectByWords({ operation: name, title, description, hints }, stated);
  if (byWords === 'write')
    warn(`${name}: counts as a write, because its name or description says that it changes something.`);
  const label = title ?? (typeof hints.title === 'string' ? hints.title : undefined);
  return {
    operation,
    ...(label !== undefined && { title: stripHidden(label).slice(0, 200) }),
    description: stripHidden(description).slice(0, MAX_DESCRIPTION).toWellFormed(),
    inputSchema: inputSchema as JsonSchema,
    ...(outputSchema && { outputSchema: outputSchema as JsonSchema }),
    enabled: false,
    ...(byWords === 'write' ? { effect: byWords, statedEffect: stated } : { effect: stated }),
    ...(byWords === 'read' && { proposedEffect: byWords }),
    idempotent: stated === 'read' || (trustHints && hints.idempotentHint === true),
    call,
  };
}

/** The member of a schema by which a server requests an argument as a header as well (SEP-2243). */
const HEADER_MARK = 'x-mcp-header';
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/;
const HEADER_TYPES = new Set(['string', 'integer', 'boolean']);
const MAX_SCHEMA_DEPTH = 64;

/**
 * The fault in the header marks of a tool, if any: a client must not call such a tool. A mark belongs to a property of a plain type that is
 * reached through properties alone, and its name is unique.
 */
const faultOfHeaderMarks = (inputSchema: unknown): string | undefined =>
  headerFaults(inputSchema, { names: new Set(), isReachable: true, depth: 0 }).next().value;

/** `names`: of the marks so far. `isReachable`: through properties alone. */
type Position = { names: Set<string>; isReachable: boolean; depth: number };

function* headerFaults(value: unknown, position: Position): Generator<string, undefined> {
  if (typeof value !== 'object' || value === null || position.depth > MAX_SCHEMA_DEPTH) return;
  const schema = value as Record<string, unknown>;
  if (HEADER_MARK in schema) yield* faultsOfMark(schema, position);
  const below = { ...position, depth: position.depth + 1 };
  for (const [key, child] of Object.entries(schema)) {
    if (key !== 'properties') yield* headerFaults(child, { ...below, isReachable: false });
    else for (const property of Object.values(child ?? {})) yield* headerFaults(property, below);
  }
}

function* faultsOfMark(schema: Record<string, unknown>, { names, isReachable, depth }: Position) {
  const { [HEADER_MARK]: name, type } = schema;
  if (!isReachable || depth === 0) yield `${HEADER_MARK} is not on a property that can become a header.`;
  else if (typeof name !== 'string' || !HEADER_NAME.test(name)) yield `${HEADER_MARK} is not the name of a header.`;
  else if (typeof type !== 'string' || !HEADER_TYPES.has(type))
    yield `${HEADER_MARK} is for strings, integers and booleans alone.`;
  else if (names.has(name.toLowerCase())) yield `${HEADER_MARK} names ${name} twice.`;
  else names.add(name.toLowerCase());
}
