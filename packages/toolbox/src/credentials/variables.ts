import type { Awaitable } from '@errand/basics/awaitable';
import { RecentCache } from '@errand/basics/cache/recent-cache';
import { Secret, type VariableValues } from '@errand/contracts';
import { isOfOwner, valuesFor } from '@errand/contracts/variable-values';
import { type Db, hasUserVariables, type UserVariables } from '@errand/db';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';

// Changes by this process apply at once; changes by other processes within this time.
const TTL_MS = 1000;

/** An integration with the values of variables for one user. Secret values are apart, by name. */
export type Resolved<Target> = { connection: Target; secrets: VariableValues };

type Key<Target> = { workspaceId: string; connection: Target; userId: string };

/** The values of variables, opened for one user. Secret values are redacted in the log. */
export class VariableStore {
  readonly #ofUsers = new RecentCache<UserVariables>(TTL_MS);
  readonly #ofOwners = new RecentCache<VariableValues>(TTL_MS);

  constructor(
    private readonly db: Db,
    private readonly redact: Redact,
  ) {}

  /** @throws ProblemError credential_unavailable if secret values cannot be opened */
  resolve<Target extends ServiceTarget>(key: Key<Target>): Awaitable<Resolved<Target>> {
    const { connection } = key;
    const variables = Object.values(connection.variables ?? {});
    if (variables.length === 0) return { connection, secrets: {} };
    return this.#resolve(key, {
      ofOwner: variables.some((variable) => variable.secret && isOfOwner(variable)),
      ofUser: hasUserVariables(connection),
    });
  }

  forget(workspaceId: string): void {
    this.#ofUsers.forget(workspaceId);
    this.#ofOwners.forget(workspaceId);
  }

  async #resolve<Target extends ServiceTarget>(
    { workspaceId, connection, userId }: Key<Target>,
    reads: { ofOwner: boolean; ofUser: boolean },
  ): Promise<Resolved<Target>> {
    const { variables } = this.db.forWorkspace(workspaceId);
    // The definitions are part of the key: they tell which values are secret, and where they are sent.
    const { customerIntegrationId, baseUrl, variables: definitions } = connection;
    const name = JSON.stringify([customerIntegrationId, baseUrl, definitions]);
    const owned = reads.ofOwner ? await this.#ofOwners.get(workspaceId, name, () => variables.ofOwner(connection)) : {};
    const user = reads.ofUser
      ? await this.#ofUsers.get(workspaceId, `${name} ${userId}`, () => variables.ofUser(connection, userId))
      : undefined;
    const secrets = { ...owned, ...user?.secrets };
    for (const secret of Object.values(secrets)) if (secret !== '') this.redact(new Secret(secret));
    return { connection: user ? { ...connection, userVariables: user.values } : connection, secrets };
  }
}

/** The variables of a user without a value, which the user must give. */
export function missingOfUser({ connection, secrets }: Resolved<ServiceTarget>): string[] {
  const { variables = {}, userVariables } = connection;
  const values = valuesFor(variables, userVariables, secrets);
  return Object.entries(variables).flatMap(([name, variable]) =>
    isOfOwner(variable) || Object.hasOwn(values, name) ? [] : [name],
  );
}
