import type { UserState } from '@errand/contracts';
import { isOfOwner } from '@errand/contracts/variable-values';
import { Prisma } from '../generated/client.ts';
import { grantDestination, type Target, tokenDestination } from './destination.ts';

/** The destination for all users, in which `{name}` stands for a value of each user. */
const destinationOf = (target: Target): string =>
  target.auth.type === 'OAUTH2' ? grantDestination(target) : tokenDestination(target);

const userNamesIn = ({ variables = {} }: Target, text: string): string[] =>
  Object.entries(variables).flatMap(([name, variable]) =>
    !isOfOwner(variable) && text.includes(`{${name}}`) ? [name] : [],
  );

/** Whether the destination of credentials differs by user. */
export const differsByUser = (target: Target): boolean => userNamesIn(target, destinationOf(target)).length > 0;

/** SQL of the destination for the user of a row of integration_user; the same as with `userVariables`. */
function destinationSql(target: Target): Prisma.Sql {
  const template = destinationOf(target);
  return userNamesIn(target, template).reduce((text, name) => {
    const part = `{${name}}`;
    const standard = target.variables?.[name]?.default ?? part;
    return Prisma.sql`replace(${text}, ${part}::text, coalesce(variables->>${name}::text, ${standard}::text))`;
  }, Prisma.sql`${template}::text`);
}

/** SQL of the condition of rows in a state; the same as `userCredentialState`. */
export function stateSql(state: UserState, target: Target): Prisma.Sql {
  const isOAuth = target.auth.type === 'OAUTH2';
  const isStored = isOAuth ? Prisma.sql`sealed_grant IS NOT NULL` : Prisma.sql`sealed IS NOT NULL`;
  if (state === 'not_connected') return Prisma.sql`NOT (active AND ${isStored})`;
  const isUsable = isOAuth
    ? Prisma.sql`grant_destination IS NOT DISTINCT FROM ${destinationSql(target)} AND reconnect_reason IS NULL
        AND coalesce(refresh_until >= clock_timestamp(), true)`
    : Prisma.sql`token_destination IS NOT DISTINCT FROM ${destinationSql(target)} AND token_rejected_at IS NULL`;
  return state === 'connected'
    ? Prisma.sql`active AND ${isStored} AND ${isUsable}`
    : Prisma.sql`active AND ${isStored} AND NOT (${isUsable})`;
}
