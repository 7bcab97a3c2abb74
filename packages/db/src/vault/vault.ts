import { createHmac } from 'node:crypto';
import { problem, Secret } from '@errand/contracts';
import { derive, type MasterKey, parseMasterKeys } from './masterKeys.ts';
import { type Place, seal, sealedWith, unseal } from './seal.ts';

/** Seals secrets for the one place where they are kept, and opens them. */
export class Vault {
  readonly #keys: readonly [MasterKey, ...MasterKey[]];

  /** @param masterKeys `kid:base64` each; the first one seals, all of them open */
  constructor(masterKeys: readonly string[]) {
    this.#keys = parseMasterKeys(masterKeys);
  }

  /** Ids of the master keys, the sealing one first. */
  get keyIds(): string[] {
    return this.#keys.map(({ kid }) => kid);
  }

  seal(secret: Secret, place: Place, kid = this.#keys[0].kid): Buffer<ArrayBuffer> {
    return seal(kid, this.#sealingKey(kid, place), secret.reveal(), place);
  }

  /** @throws ProblemError credential_unavailable when the key is unknown or wrong, or the value was moved or changed */
  open(blob: Uint8Array, place: Place): Secret {
    try {
      return new Secret(unseal(this.#sealingKey(sealedWith(blob), place), blob, place));
    } catch (cause) {
      throw problem('credential_unavailable', 'A stored credential cannot be opened; store it anew.', { cause });
    }
  }

  /** Keys for another purpose, one for each master key, the newest first: make with the first, accept all. */
  keysFor(purpose: string): readonly [Buffer, ...Buffer[]] {
    const [first, ...rest] = this.#keys;
    return [derive(first, purpose), ...rest.map((key) => derive(key, purpose))];
  }

  /** Eight hex digits by which a person recognises a secret; equal secrets of a workspace have equal ones. */
  fingerprint(secret: Secret, workspaceId: string): string {
    const [key] = this.keysFor(`fingerprint ${workspaceId}`);
    return createHmac('sha256', key).update(secret.reveal()).digest('hex').slice(0, 8);
  }

  /** Each workspace has a sealing key of its own under each master key. */
  #sealingKey(kid: string | undefined, { workspaceId }: Place) {
    const key = this.#keys.find((candidate) => candidate.kid === kid);
    if (!key) throw new Error(`no master key "${kid}"`);
    return derive(key, `seal ${workspaceId}`);
  }
}

/** The last four characters, of secrets long enough that they give nothing away. */
export function last4(secret: Secret): string {
  const value = secret.reveal();
  return value.length >= 12 ? value.slice(-4) : '';
}
