import type { Pool } from 'pg';
import { type Position, readSlices } from './slices.ts';
import { inReview, TOOL_TEXT as TOOL_SQL } from './tool-row.ts';

/** Bytes of a shortened tool: two names, a path and flags. */
const BRIEF_BYTES = 1_000;

const BRIEF_SQL = `jsonb_strip_nulls(jsonb_build_object('name', t.name, 'method', t.method, 'enabled', t.enabled, 'effect', t.effect,
  'proposedEffect', t.proposed_effect, 'change', t.change, 'needsReview', CASE WHEN ${inReview('t.')} THEN true END))::text`;

export type ToolPage = {
  maxBytes: number;
  limit: number;
  after?: Position | undefined;
  /** The path of the page after a position, or of the first page. */
  pathAfter: (position: Position | undefined) => string;
};

/** The JSON text of a list, in pieces. `next`: the position of its last tool, if more follow. */
export type ToolPieces = { pieces: string[]; next?: Position };

/**
 * Returns the JSON text of a list of ListedTool in pieces: complete tools up to `maxBytes` bytes, then only names and paths.
 * @param page `after`: the position of the tool before the first one
 */
export async function readToolList(
  pool: Pool,
  integration: [workspaceId: string, customerIntegrationId: string],
  { maxBytes, limit, after, pathAfter }: ToolPage,
): Promise<ToolPieces> {
  const toolCount = await countAfter(pool, integration, { after, limit: limit + 1 });
  let bytesLeft = maxBytes - Math.min(toolCount, limit) * BRIEF_BYTES;
  let previous = after;
  const texts: string[] = [];
  const fullTextSql = () => (bytesLeft > 0 ? TOOL_SQL : 'NULL');
  const columns = { text: fullTextSql, brief: BRIEF_SQL };
  for await (const rows of readSlices(pool, columns, integration, { begin: after, limit })) {
    for (const { text: fullText, brief, position, operation } of rows) {
      // After the first tool that does not fit, all are shortened: its path leads to the rest.
      bytesLeft = fullText === null ? 0 : bytesLeft - Buffer.byteLength(fullText);
      const toolText = bytesLeft > 0 ? fullText : briefOf(brief!, pathAfter(previous));
      texts.push(`${texts.length > 0 ? ',' : '['}${toolText}`);
      previous = { position, operation };
    }
  }
  const pieces = [...texts, texts.length > 0 ? ']' : '[]'];
  return { pieces, ...(toolCount > limit && previous && { next: previous }) };
}

/** @param brief the shortened tool @param path of the page that begins with it */
const briefOf = (brief: string, path: string): string => `${brief.slice(0, -1)},"leftOut":${JSON.stringify({ path })}}`;

async function countAfter(
  pool: Pool,
  integration: [string, string],
  { after, limit }: Pick<ToolPage, 'after' | 'limit'>,
): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2
       AND (position, operation) > ($3, $4) LIMIT $5) AS tools`,
    [...integration, after?.position ?? -1, after?.operation ?? '', limit],
  );
  return rows[0]!.n;
}
