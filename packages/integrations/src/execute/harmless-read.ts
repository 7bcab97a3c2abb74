import { fittingName } from '@errand/basics/operation-name';
import type { DescribedTool, Json, JsonSchema, TestRule } from '@errand/contracts';
import { isHttpCall } from './http-call.ts';
import { valueAt } from './value-at.ts';

/** Words of operations that identify the caller, best first: their answers are small and require authentication. */
const ABOUT_CALLER = ['whoami', 'me', 'self', 'userinfo', 'viewer', 'account', 'profile'];
/** Words of a GET that may have an effect, streams, or is public: its answer proves nothing about a token. */
const UNFIT =
  /^(?:logout|signout|login|revoke|delete|remove|reset|refresh|rotate|send|trigger|start|stop|run|confirm|unsubscribe|subscribe|watch|stream|events|export|download|health|healthz|healthcheck|ping|status|version|ready|live|metrics|openapi|swagger|docs)$/;
const SIZE = /^(?:limit|per_?page|page_?size|max_?results|first|top)$/i;

type ReadTool = { name: string; operation: string; path?: string };

/** Names of the reads that are suitable for the trial of a credential, best first, in a stable order. */
export function readsForTrial(reads: readonly ReadTool[]): string[] {
  return reads
    .flatMap(({ name, operation, path = '' }) => {
      const words = wordsOf(`${operation} ${path}`);
      if (words.some((word) => UNFIT.test(word))) return [];
      const wordRank = ABOUT_CALLER.findIndex((word) => words.includes(word));
      const rank = wordRank >= 0 ? wordRank : ABOUT_CALLER.length + (words.includes('list') ? 0 : 1);
      return { name, rank, segments: path.split('/').length };
    })
    .sort((a, b) => a.rank - b.rank || a.segments - b.segments || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

/** The arguments for a trial, if the tool is a read without required arguments that is called with the credential. */
export function trialArguments({ call, effect, inputSchema }: DescribedTool): Record<string, Json> | undefined {
  if (!isHttpCall(call) || call.method !== 'GET' || effect !== 'read') return undefined;
  if (call.anonymous || call.server !== undefined || call.path.includes('{') || inputSchema.required) return undefined;
  return smallestPage(inputSchema);
}

/** The names that an operation of `rules.test` may have as a tool. */
export const testOperations = ({ operation }: TestRule): string[] => [...new Set([operation, fittingName(operation)])];

/** Methods of an operation that the owner names for trials; others change something. */
const TEST_METHODS = ['GET', 'HEAD', 'POST'];

/** The arguments of the operation that the owner names for trials, if it is called with the credential. */
export const testArguments = ({ call }: DescribedTool, rule: TestRule): Record<string, Json> | undefined =>
  isHttpCall(call) && TEST_METHODS.includes(call.method) && !call.anonymous && call.server === undefined
    ? { ...rule.arguments }
    : undefined;

const MAX_ACCOUNT_CHARS = 200;

/** The account that the answer to a trial names, as a text. @param output without secrets */
export function accountIn(output: Json, { who }: TestRule): string | undefined {
  const account = who === undefined ? undefined : valueAt(output, who);
  if (typeof account !== 'string' && typeof account !== 'number') return undefined;
  return String(account).slice(0, MAX_ACCOUNT_CHARS).toWellFormed() || undefined;
}

const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/who[ _-]?am[ _-]?i\b/g, 'whoami')
    .split(/[^a-z]+/);

function smallestPage({ properties }: JsonSchema): Record<string, Json> {
  const query = (properties as Record<string, JsonSchema> | undefined)?.query?.properties;
  for (const [name, schema] of Object.entries((query ?? {}) as Record<string, JsonSchema>)) {
    if (SIZE.test(name) && schema.type === 'integer') {
      const { minimum } = schema;
      return { query: { [name]: typeof minimum === 'number' ? Math.max(1, minimum) : 1 } };
    }
  }
  return {};
}
