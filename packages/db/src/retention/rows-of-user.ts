import type { Prisma } from '../generated/client.ts';

/**
 * Statements that erase the rows and columns of a user that belong to no run: $1 is the workspace, $2 the user. Both kinds of erasure
 * execute them, and the second kind does so again at its end. A new table with rows of users adds its statement here, and its row in
 * docs/erasure.md.
 */
export const ROWS_OF_USER: readonly string[] = [
  `DELETE FROM oauth_pending WHERE workspace_id = $1::uuid AND user_id = $2`,
  `DELETE FROM unconfirmed_consent WHERE workspace_id = $1::uuid AND user_id = $2`,
  `DELETE FROM call_pause WHERE workspace_id = $1::uuid AND kind = 'limit' AND subject = $2`,
  `DELETE FROM call_quota WHERE workspace_id = $1::uuid AND user_id = $2`,
  `UPDATE integration SET tools_user_id = NULL WHERE workspace_id = $1::uuid AND tools_user_id = $2`,
  // The account that a service named for the credential of the user.
  `UPDATE integration_calls SET last_test = last_test - 'account' - 'userId'
    WHERE workspace_id = $1::uuid AND (last_test->>'userId' = $2 OR last_test->>'account' = $2)`,
];

/**
 * Statements that erase the names in forms of answers that belong to the user, and then all forms of a tool with a name that is or
 * contains the id of the user: a map of users which other users see too. Only the second kind of erasure executes them, after the runs are removed.
 */
export const FORMS_OF_USER: readonly string[] = [
  `UPDATE tool SET answer_forms = jsonb_path_query_array(answer_forms, '$[*] ? (!exists(@.userId) || @.userId != $user)',
      jsonb_build_object('user', $2::text))
    WHERE workspace_id = $1::uuid AND answer_forms @> jsonb_build_array(jsonb_build_object('userId', $2::text))`,
  // An id that is a word may also be a part of the names of ordinary members.
  `UPDATE tool SET answer_forms = NULL WHERE workspace_id = $1::uuid AND answer_forms IS NOT NULL AND EXISTS (
    SELECT FROM jsonb_path_query(answer_forms, '$.**.properties.keyvalue().key') AS name, lower(name #>> '{}') AS lower_name, lower($2::text) AS id
    WHERE lower_name = id OR length(id) > 3 AND id ~ '[^a-z]' AND strpos(lower_name, id) > 0)`,
];

export async function eraseRowsOfUser(
  tx: Pick<Prisma.TransactionClient, '$executeRawUnsafe'>,
  workspaceId: string,
  userId: string,
): Promise<void> {
  for (const text of ROWS_OF_USER) await tx.$executeRawUnsafe(text, workspaceId, userId);
}
