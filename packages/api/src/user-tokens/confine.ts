import {
  isUserOperation,
  problem,
  type UserAbility,
  type UserOperation,
  type UserTokenPrincipal,
  userOperations,
} from '@errand/contracts';
import type { Context, SessionContext } from '../context.ts';
import { rules, type TokenContext } from './rules.ts';

/** @throws ProblemError insufficient_ability, for every operation that the table of abilities does not name */
export function checkAbility({ grant }: UserTokenPrincipal, operation: string): asserts operation is UserOperation {
  const needed: readonly UserAbility[] = isUserOperation(operation) ? userOperations[operation] : [];
  if (needed.some((ability) => grant.can.includes(ability))) return;
  const detail =
    needed.length === 0
      ? 'User tokens may not do this.'
      : `This needs the ability ${needed.join(' or ')}. The user token has: ${grant.can.join(', ')}.`;
  throw problem('insufficient_ability', detail, {
    ...(needed.length === 0 && { remedy: 'Send the request from your server, with an API key.' }),
  });
}

type AnyRule = (ctx: TokenContext, input: unknown, raw: object) => unknown;

/** Confines the checked input of a call to the bounds of the user token. The input of other callers stays as it is. */
export function confine(ctx: Context & SessionContext, name: string, input: unknown, raw: unknown): unknown {
  if (!isOfToken(ctx)) return input;
  checkAbility(ctx.principal, name);
  return (rules[name] as AnyRule)(ctx, input, raw as object);
}

export const isOfToken = (ctx: Context): ctx is Context & TokenContext => ctx.principal.kind === 'user_token';
