import { type CreateRunInput, problem, Secret } from '@errand/contracts';
import { type Connection, type Db, passThroughLocation, tokenDestination } from '@errand/db';
import {
  type CallAuth,
  faultsOfPassThrough,
  type PassThrough,
  replacedLocation,
  secretParts,
} from '@errand/integrations';
import type { PassThroughs } from '@errand/ports/credentials';
import type { Redact } from '@errand/ports/log';
import type { RunIdentity } from '@errand/ports/toolbox';
import { ProblemError } from '@errand/trpc-openapi';

type PassThroughInput = NonNullable<CreateRunInput['passThrough']>;
/** An entry with the origin of its integration when the run was created, and the location of the credential that it replaces. */
type SealedEntry = PassThroughInput[number] & { origin: string; credential?: string };
/** The passed values for an integration, the only origin for them, and the location of the credential that they replace. */
export type PassedValues = { passThrough: PassThrough; origin: string; credentialLocation?: string };
type PassingRun = Pick<RunIdentity, 'workspaceId' | 'runId' | 'sealedPassThrough'>;
/** Returns undefined if the run passes nothing to the integration. @throws ProblemError credential_unavailable if it cannot be opened */
export type OpenPassThrough = (run: PassingRun, customerIntegrationId: string) => PassedValues | undefined;
type Texts = Readonly<Record<string, string>>;

/** Checks and seals the passed values when a run is created, and opens them for a call. */
export function createPassThroughs(
  db: Db,
  redact: Redact,
): PassThroughs & {
  open: OpenPassThrough;
  /** Whether a run has its own credential for an integration. True if it cannot be opened: the user cannot correct that. */
  bringsCredential(run: PassingRun, customerIntegrationId: string): boolean;
} {
  const toSecret = (text: string): Secret => {
    for (const part of secretParts(text)) redact(new Secret(part));
    return new Secret(text);
  };
  const toSecrets = (texts: Texts | undefined) =>
    Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, toSecret(text)]));
  const toPassThrough = ({ headers, query }: PassThroughInput[number]): PassThrough => ({
    headers: toSecrets(headers),
    query: toSecrets(query),
  });

  const open: OpenPassThrough = ({ workspaceId, runId, sealedPassThrough: sealed }, customerIntegrationId) => {
    if (!sealed) return undefined;
    const text = db.vault.open(sealed, passThroughLocation(workspaceId, runId)).reveal();
    const entry = (JSON.parse(text) as SealedEntry[]).find(
      (candidate) => candidate.customerIntegrationId === customerIntegrationId,
    );
    if (!entry) return undefined;
    const { origin, credential } = entry;
    return { passThrough: toPassThrough(entry), origin, credentialLocation: credential };
  };

  return {
    async seal(workspaceId, runId, { passThrough, selectedCustomerIntegrationIds: selected, userId }) {
      if (!passThrough?.length) return undefined;
      const { integrations, variables } = db.forWorkspace(workspaceId);
      const errors: { pointer: string; message: string }[] = [];
      const sealed: SealedEntry[] = [];
      for (const [i, entry] of passThrough.entries()) {
        const id = entry.customerIntegrationId;
        const connection = isSelected(id, selected) ? await integrations.connection(id) : null;
        const isTwice = passThrough.findIndex((entry) => entry.customerIntegrationId === id) < i;
        const passed = toPassThrough(entry);
        for (const { part, message } of faultsOf(passed, connection, isTwice))
          errors.push({ pointer: `/passThrough/${i}/${part}`, message });
        if (!connection) continue;
        const { values: userVariables } = await variables.ofUser(connection, userId);
        sealed.push(sealedEntry(entry, passed, { ...connection, userVariables }));
      }
      if (errors.length > 0)
        throw problem('validation_failed', 'passThrough contains entries that cannot be sent.', { errors });
      return db.vault.seal(new Secret(JSON.stringify(sealed)), passThroughLocation(workspaceId, runId));
    },

    open,

    bringsCredential(run, customerIntegrationId) {
      try {
        return open(run, customerIntegrationId)?.credentialLocation !== undefined;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        return true;
      }
    },
  };
}

const isSelected = (id: string, selection: readonly string[]): boolean =>
  selection[0] === '*' || selection.includes(id);

type Fault = { message: string; part: string };

function faultsOf(passed: PassThrough, connection: Connection | null, isTwice: boolean): Fault[] {
  const part = 'customerIntegrationId';
  if (!connection) return [{ part, message: 'It is not one of the selected integrations.' }];
  if (isTwice) return [{ part, message: 'It is named twice.' }];
  return faultsOfPassThrough(passed, authOf(connection));
}

const sealedEntry = (entry: PassThroughInput[number], passed: PassThrough, connection: Connection): SealedEntry => ({
  ...entry,
  origin: tokenDestination(connection),
  credential: replacedLocation(passed, authOf(connection)),
});

export const isUnavailable = (error: unknown): boolean =>
  error instanceof ProblemError && error.code === 'credential_unavailable';

/** The location of the integration's credential, without its value. */
export const authOf = ({ auth }: Connection): CallAuth => auth as unknown as CallAuth;
