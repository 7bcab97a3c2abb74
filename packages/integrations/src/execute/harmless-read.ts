import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import { isHttpCall } from './http-call.ts';

/** Words of operations that tell who calls, the best first; their answers are small, and no service gives them to everybody. */
const ABOUT_CALLER = ['whoami', 'me', 'self', 'userinfo', 'viewer', 'account', 'profile'];
/** Words of a GET that may change something, answers without end, or answers everybody: it shows nothing about a token. */
const UNFIT =
  /^(?:logout|signout|login|revoke|delete|remove|reset|refresh|rotate|send|trigger|start|stop|run|confirm|unsubscribe|subscribe|watch|stream|events|export|download|health|healthz|healthcheck|ping|status|version|ready|live|metrics|openapi|swagger|docs)$/;
const SIZE = /^(?:limit|per_?page|page_?size|max_?results|first|top)$/i;

type Candidate = { tool: ToolSpec; args: Record<string, Json>; rank: number };

/**
 * A call that changes nothing, needs no arguments, and tells whether a credential is accepted; always the same for the same tools.
 * Undefined when there is none.
 */
export function harmlessRead(tools: readonly ToolSpec[]): Pick<Candidate, 'tool' | 'args'> | undefined {
  const [best] = tools.flatMap((tool) => candidateOf(tool) ?? []).sort(byFitness);
  return best && { tool: best.tool, args: best.args };
}

function candidateOf(tool: ToolSpec): Candidate | undefined {
  const { call, effect, inputSchema } = tool;
  if (!isHttpCall(call) || call.method !== 'GET' || effect !== 'read' || call.server !== undefined) return undefined;
  if (call.anonymous || call.path.includes('{') || (inputSchema.required as unknown[] | undefined)?.length)
    return undefined;
  const words = wordsOf(`${tool.operation} ${call.path}`);
  if (words.some((word) => UNFIT.test(word))) return undefined;
  const found = ABOUT_CALLER.findIndex((word) => words.includes(word));
  const rank = found >= 0 ? found : ABOUT_CALLER.length + (words.includes('list') ? 0 : 1);
  return { tool, args: smallest(inputSchema), rank };
}

const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/who[ _-]?am[ _-]?i\b/g, 'whoami')
    .split(/[^a-z]+/);

/** Asks for one entry where a parameter says how many. */
function smallest({ properties }: JsonSchema): Record<string, Json> {
  const query = (properties as Record<string, JsonSchema> | undefined)?.query?.properties;
  for (const [name, schema] of Object.entries((query ?? {}) as Record<string, JsonSchema>)) {
    if (SIZE.test(name) && schema.type === 'integer') {
      const { minimum } = schema;
      return { query: { [name]: typeof minimum === 'number' ? Math.max(1, minimum) : 1 } };
    }
  }
  return {};
}

const segments = ({ tool }: Candidate): number => (tool.path ?? '').split('/').length;

const byFitness = (a: Candidate, b: Candidate): number =>
  a.rank - b.rank || segments(a) - segments(b) || (a.tool.name < b.tool.name ? -1 : 1);
