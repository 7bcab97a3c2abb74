import type { ImportedService } from '@errand/ports/importer';

const WARNING_START = 'No credential is sent, but ';

/** The warning that a document requires a credential but the integration has none. */
export function missingCredentialWarnings(
  { type }: { type: string },
  { askedCredential: credential }: Pick<ImportedService, 'askedCredential'>,
): string[] {
  if (type !== 'NONE' || credential === undefined) return [];
  const { requiredBy: asking, operations, scheme, advice } = credential;
  return [`${WARNING_START}${asking} of ${operations} operations ask for ${scheme}. ${advice}`];
}

/** The warnings without that of `missingCredentialWarnings`. */
export const withoutMissingCredentialWarnings = (warnings: readonly string[]): string[] =>
  warnings.filter((warning) => !warning.startsWith(WARNING_START));
