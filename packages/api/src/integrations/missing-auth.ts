import type { ImportedService } from '@errand/ports/importer';

const START = 'No credential is sent, but ';

/** The warning that a document asks for a credential and the integration has none. */
export function missingAuth(
  { type }: { type: string },
  { askedCredential: credential }: Pick<ImportedService, 'askedCredential'>,
): string[] {
  if (type !== 'NONE' || credential === undefined) return [];
  const { asking, operations, scheme, advice } = credential;
  return [`${START}${asking} of ${operations} operations ask for ${scheme}. ${advice}`];
}

/** The warnings without the one of `missingAuth`. */
export const withoutMissingAuth = (warnings: readonly string[]): string[] =>
  warnings.filter((warning) => !warning.startsWith(START));
