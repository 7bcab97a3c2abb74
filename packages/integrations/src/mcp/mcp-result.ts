import type { Json, ToolOutcome } from '@errand/contracts';
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import { cleanJson, cleanText, TooDeep } from '../execute/clean.ts';
import { cutError, failure } from '../execute/outcome.ts';
import { parsedJson } from '../parsed-json.ts';

type ResultContext = { secretForms: readonly string[]; isWrite: boolean; maxBytes: number };

/** The outcome of a tool's answer. The output is its structured content, else its one JSON text, else its texts and other parts. */
export function outcomeOfResult(result: CallToolResult, context: ResultContext): ToolOutcome {
  const { secretForms, maxBytes } = context;
  if (result.isError) {
    const output = cutError(cleanText(textsOf(result.content).join('\n'), secretForms));
    return failure('upstream_error', 'The tool reported a failure.', output === '' ? {} : { output });
  }
  try {
    const output = cleanJson(outputOf(result), secretForms);
    if (Buffer.byteLength(JSON.stringify(output)) <= maxBytes) return { ok: true, output };
    return tooLarge(context, 'The answer of the service is too large.');
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return tooLarge(context, 'The answer of the service is nested too deeply.');
  }
}

/** A write has happened even if its answer cannot be stored. */
const tooLarge = ({ isWrite }: ResultContext, message: string): ToolOutcome =>
  isWrite ? { ok: true, output: { note: message } } : failure('upstream_too_large', message);

const textsOf = (content: readonly ContentBlock[]): string[] =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : []));

function outputOf({ structuredContent, content = [] }: CallToolResult): Json {
  if (structuredContent !== undefined) return structuredContent as Json;
  const texts = textsOf(content);
  const otherBlocks = content.filter(({ type }) => type !== 'text');
  if (otherBlocks.length === 0 && texts.length === 1) {
    const value = parsedObject(texts[0]!);
    if (value !== undefined) return value;
  }
  const text = texts.join('\n');
  if (otherBlocks.length === 0) return content.length === 0 ? null : { text };
  return { text, parts: otherBlocks.map(partOf) };
}

/** A JSON object or list; other JSON stays a text. */
const parsedObject = (text: string): Json | undefined =>
  /^\s*[[{]/.test(text) ? (parsedJson(text) as Json | undefined) : undefined;

/** A part other than text, without its bytes: the ledger stores no base64. */
function partOf(block: ContentBlock): Json {
  const part: Record<string, Json> = { type: block.type };
  const { data, resource, ...members } = block as unknown as {
    data?: string;
    resource?: { uri?: string; mimeType?: string; text?: string; blob?: string };
  } & Record<string, unknown>;
  for (const key of ['mimeType', 'uri', 'name', 'title']) {
    const value = members[key] ?? resource?.[key as 'uri'];
    if (typeof value === 'string') part[key] = value;
  }
  if (typeof resource?.text === 'string') part.text = resource.text;
  const base64 = data ?? resource?.blob;
  if (typeof base64 === 'string') part.bytes = Buffer.byteLength(base64, 'base64');
  return part;
}
