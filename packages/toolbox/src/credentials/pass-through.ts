import { type CreateRunInput, problem, Secret } from '@errand/contracts';
import { type Connection, type Db, passThroughLocation, tokenDestination } from '@errand/db';
import {
  type CallAuth,
  credentialLocation,
  faultsOfPassThrough,
  type PassThrough,
  secretParts,
} from '@errand/integrations';
import type { PassThroughs } from '@errand/ports/credentials';
import { ProblemError } from '@errand/trpc-openapi';
import type { Hide } from './hide.ts';

type PassThroughInput = NonNullable<CreateRunInput['passThrough']>;
/**
 * A sealed entry: what the caller passed, the origin of the integration when the run was created, and the location of the integration's
 * own credential if the entry replaces it.
 */
type SealedEntry = PassThroughInput[number] & { origin: string; credential?: string };
/** What the caller passed for one integration; the only origin it is for; the location of the credential that it replaces. */
export type Passed = { passThrough: PassThrough; origin: string; credential?: string };
/** @throws ProblemError credential_unavailable when it does not open */
export type OpenPassThrough = (
  workspaceId: string,
  runId: string,
  sealed: Uint8Array,
  customerIntegrationId: string,
) => Passed | undefined;
type PassingRun = { workspaceId: string; runId: string; sealedPassThrough?: Uint8Array };
type Texts = Readonly<Record<string, string>>;

/** Checks and seals what a caller passes to integrations when a run is created; opens it when a call is made. */
export function createPassThroughs(
  db: Db,
  hide: Hide,
): PassThroughs & {
  open: OpenPassThrough;
  /** Whether a run has its own credential for an integration. True if it cannot be opened: the user cannot mend that. */
  bringsCredential(run: PassingRun, customerIntegrationId: string): boolean;
} {
  const secret = (text: string): Secret => {
    for (const part of secretParts(text)) hide(new Secret(part));
    return new Secret(text);
  };
  const secrets = (texts: Texts | undefined) =>
    Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, secret(text)]));
  const toPassThrough = ({ headers, query }: PassThroughInput[number]): PassThrough => ({
    headers: secrets(headers),
    query: secrets(query),
  });

  const open: OpenPassThrough = (workspaceId, runId, sealed, customerIntegrationId) => {
    const text = db.vault.open(sealed, passThroughLocation(workspaceId, runId)).reveal();
    const found = (JSON.parse(text) as SealedEntry[]).find(
      (one) => one.customerIntegrationId === customerIntegrationId,
    );
    if (!found) return undefined;
    const { origin, credential } = found;
    return { passThrough: toPassThrough(found), origin, ...(credential !== undefined && { credential }) };
  };

  return {
    async seal(workspaceId, runId, { passThrough, selectedCustomerIntegrationIds: selected }) {
      if (!passThrough || passThrough.length === 0) return undefined;
      const errors: { pointer: string; message: string }[] = [];
      const own = db.forWorkspace(workspaceId).integrations;
      const seen = new Set<string>();
      const kept: SealedEntry[] = [];
      for (const [i, one] of passThrough.entries()) {
        const id = one.customerIntegrationId;
        const say = (message: string, part = 'customerIntegrationId') =>
          errors.push({ pointer: `/passThrough/${i}/${part}`, message });
        const chosen = selected[0] === '*' || (selected as readonly string[]).includes(id);
        const connection = chosen ? await own.connection(id) : null;
        if (!connection) say('It is not one of the selected integrations.');
        else if (seen.has(id)) say('It is named twice.');
        else for (const fault of faultsOfPassThrough(toPassThrough(one), authOf(connection))) say(...partOf(fault));
        seen.add(id);
        if (!connection) continue;
        const credential = credentialLocation(toPassThrough(one), authOf(connection));
        kept.push({ ...one, origin: tokenDestination(connection), ...(credential !== undefined && { credential }) });
      }
      if (errors.length > 0) throw problem('validation_failed', 'passThrough holds what cannot be sent.', { errors });
      return db.vault.seal(new Secret(JSON.stringify(kept)), passThroughLocation(workspaceId, runId));
    },

    open,

    bringsCredential({ workspaceId, runId, sealedPassThrough: sealed }, customerIntegrationId) {
      if (!sealed) return false;
      try {
        return open(workspaceId, runId, sealed, customerIntegrationId)?.credential !== undefined;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        return true;
      }
    },
  };
}

/** Whether an error says that a sealed value cannot be opened. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof ProblemError && error.code === 'credential_unavailable';

/** The location of the integration's credential, without its value. */
export const authOf = ({ auth }: Connection): CallAuth => auth as unknown as CallAuth;

/** Splits `passThrough.headers: …` into its message and its part. */
function partOf(fault: string): [message: string, part: string] {
  const [, part = 'headers', message = fault] = /^passThrough\.(headers|query): (.*)$/s.exec(fault) ?? [];
  return [message, part];
}
