import { includesScope, roles, scopesOfRole } from '@errand/contracts';

const writingRoles = roles
  .filter((role) => includesScope(scopesOfRole[role], 'runs:write'))
  .map((role) => `'${role}'`)
  .join(', ');

/**
 * SQL: whether the maker of a row may still create runs: a key of its chain is valid, or the person is a member.
 * @param row alias of a row with `workspace_id` and `made_by`, a principal as `identityOf` writes it
 */
export const makerIsActive = (row: string): string => `(EXISTS (SELECT 1 FROM api_key k
    WHERE k.workspace_id = ${row}.workspace_id AND 'api_key:' || k.principal_id::text = ${row}.made_by AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()) AND k.scopes && ARRAY['runs:write', 'admin'])
  OR EXISTS (SELECT 1 FROM membership m JOIN person p USING (person_id)
    WHERE m.workspace_id = ${row}.workspace_id AND 'person:' || m.person_id::text = ${row}.made_by AND p.disabled_at IS NULL
      AND m.role IN (${writingRoles})))`;
