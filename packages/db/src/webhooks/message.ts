/**
 * SQL: writes a message that is not about a run, if a webhook of the workspace $1 wants it.
 * @param data what is told, as SQL @param source rows of which each is told
 */
export const messageInsert = (type: string, data: string, source = '(SELECT) AS one'): string =>
  `INSERT INTO webhook_message (workspace_id, message_id, type, data)
    SELECT $1, errand_audit.new_id(), '${type}', ${data} FROM ${source}
    WHERE EXISTS (SELECT FROM webhook w WHERE w.workspace_id = $1 AND w.active AND w.events && ARRAY['${type}', '*'])`;
