import type { ImportedService } from '@errand/ports/importer';

const WARNING_START = 'No credential is sent, but ';

/** The warning that a document requires a credential but the integration has none. */
export function missingCredentialWarnings(
  { type }: { type: string },
  { requiredCredential }: Pick<ImportedService, 'requiredCredential'>,
): string[] {
  if (type !== 'NONE' || requiredCredential === undefined) return [];
  const { requiringCount, operationCount, scheme, advice } = requiredCredential;
  return [`${WARNING_START}${requiringCount} of ${operationCount} operations ask for ${scheme}. ${advice}`];
}

/** The warnings without that of `missingCredentialWarnings`. */
export const withoutMissingCredentialWarnings = (warnings: readonly string[]): string[] =>
  warnings.filter((warning) => !warning.startsWith(WARNING_START));
