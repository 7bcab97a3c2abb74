import { problem } from '@errand/contracts';
import type { Pool } from 'pg';
import { type Position, readSlices } from './slices.ts';
import { inReview, TOOL_TEXT as TOOL_SQL } from './tool-row.ts';

/** Bytes of a shortened tool: two names, a path and flags. */
const BRIEF_BYTES = 1_000;

const BRIEF_SQL = `jsonb_strip_nulls(jsonb_build_object('name', t.name, 'method', t.method, 'enabled', t.enabled, 'effect', t.effect,
  'proposedEffect', t.proposed_effect, 'change', t.change, 'needsReview', CASE WHEN ${inReview('t.')} THEN true END))::text`;

/**
 * Returns the JSON text of a list of ListedTool in pieces: complete tools up to `maxBytes` bytes, then only names and paths.
 * @param page `after`: the name of the tool before the first one
 * @throws ProblemError invalid_cursor if that tool does not exist
 */
export async function readToolList(
  pool: Pool,
  integration: [workspaceId: string, customerIntegrationId: string],
  { maxBytes, after }: { maxBytes: number; after?: string },
): Promise<string[]> {
  const startPosition = after === undefined ? undefined : await positionOf(pool, integration, after);
  let bytesLeft = maxBytes - (await countAfter(pool, integration, startPosition)) * BRIEF_BYTES;
  let previousName = after;
  const texts: string[] = [];
  const fullTextSql = () => (bytesLeft > 0 ? TOOL_SQL : 'NULL');
  const columns = { text: fullTextSql, brief: BRIEF_SQL };
  for await (const rows of readSlices(pool, columns, integration, { begin: startPosition })) {
    for (const { text: fullText, brief } of rows) {
      const { name } = JSON.parse(brief!) as { name: string };
      // After the first tool that does not fit, all are shortened: its path leads to the rest.
      bytesLeft = fullText === null ? 0 : bytesLeft - Buffer.byteLength(fullText);
      const toolText = bytesLeft > 0 ? fullText : briefOf(brief!, integration[1], previousName);
      texts.push(`${texts.length > 0 ? ',' : '['}${toolText}`);
      previousName = name;
    }
  }
  return [...texts, texts.length > 0 ? ']' : '[]'];
}

/** @param brief the shortened tool @param previousName the name of the tool before it */
function briefOf(brief: string, customerIntegrationId: string, previousName: string | undefined): string {
  const path = `/v1/integrations/${customerIntegrationId}/tools${previousName === undefined ? '' : `?after=${previousName}`}`;
  return `${brief.slice(0, -1)},"leftOut":${JSON.stringify({ path })}}`;
}

async function positionOf(pool: Pool, integration: [string, string], name: string): Promise<Position> {
  const { rows } = await pool.query<Position>(
    'SELECT position, operation FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3',
    [...integration, name],
  );
  if (rows[0]) return rows[0];
  const message = 'There is no such tool any more. Begin again without after.';
  throw problem('invalid_cursor', message, { errors: [{ pointer: '/after', message }] });
}

async function countAfter(pool: Pool, integration: [string, string], begin?: Position): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND (position, operation) > ($3, $4)`,
    [...integration, begin?.position ?? -1, begin?.operation ?? ''],
  );
  return rows[0]!.n;
}
