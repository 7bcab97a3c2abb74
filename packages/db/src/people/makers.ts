import { includesScope, roles, scopesOfRole } from '@errand/contracts';

const writingRoles = roles
  .filter((role) => includesScope(scopesOfRole[role], 'runs:write'))
  .map((role) => `'${role}'`)
  .join(', ');

/**
 * SQL: whether a key can name a claimed person.
 * @param key alias of a row of api_key @param identity SQL of the identity of the person
 */
export const canName = (key: string, identity: string): string =>
  `${identity} LIKE 'claimed:%' AND ${key}.product = split_part(${identity}, ':', 2) AND 'persons:claim' = ANY(${key}.scopes)`;

const validKey = `k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
      AND k.scopes && ARRAY['runs:write', 'admin']`;

/**
 * SQL: whether the maker of a row may still create runs: a key of its chain is valid, the person is a member, or a key can name the
 * claimed person.
 * @param row alias of a row with `workspace_id` and `made_by`, a principal as `identityOf` writes it
 */
export const makerIsActive = (row: string): string => `(EXISTS (SELECT 1 FROM api_key k
    WHERE k.workspace_id = ${row}.workspace_id AND 'api_key:' || k.principal_id::text = ${row}.made_by AND ${validKey})
  OR EXISTS (SELECT 1 FROM api_key k
    WHERE k.workspace_id = ${row}.workspace_id AND ${canName('k', `${row}.made_by`)} AND ${validKey})
  OR EXISTS (SELECT 1 FROM membership m JOIN person p USING (person_id)
    WHERE m.workspace_id = ${row}.workspace_id AND 'person:' || m.person_id::text = ${row}.made_by AND p.disabled_at IS NULL
      AND m.role IN (${writingRoles})))`;
