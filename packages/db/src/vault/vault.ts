import { createHmac, hkdfSync } from 'node:crypto';
import { problem, Secret } from '@errand/contracts';
import { type SecretLocation, seal, sealedWith, unseal } from './seal.ts';

type MasterKey = { readonly id: string; readonly key: Buffer };

/** Seals secrets for their location with master keys, and opens them. */
export class Vault {
  readonly #keys: readonly [MasterKey, ...MasterKey[]];
  #sealing: MasterKey;
  readonly #derived = new Map<string, Map<MasterKey, Buffer>>();

  /** @param masterKeys `id:base64` each; all of them open secrets, and the first one seals until `sealWith` is called */
  constructor(masterKeys: readonly string[]) {
    this.#keys = parseMasterKeys(masterKeys);
    this.#sealing = this.#keys[0];
  }

  get keyIds(): readonly [string, ...string[]] {
    const [first, ...rest] = this.#keys;
    return [first.id, ...rest.map(({ id }) => id)];
  }

  get sealingKeyId(): string {
    return this.#sealing.id;
  }

  sealWith(keyId: string): void {
    this.#sealing = this.#keyOf(keyId);
  }

  seal(secret: Secret, location: SecretLocation, keyId = this.#sealing.id): Buffer<ArrayBuffer> {
    return seal(keyId, this.#sealingKey(keyId, location), secret.reveal(), location);
  }

  /** @throws ProblemError credential_unavailable if the key is unknown or wrong, or the value was moved or changed */
  open(blob: Uint8Array, location: SecretLocation): Secret {
    try {
      return new Secret(unseal(this.#sealingKey(sealedWith(blob), location), blob, location));
    } catch (cause) {
      throw problem('credential_unavailable', 'A stored credential cannot be opened; store it again.', { cause });
    }
  }

  /** Returns null if the secret cannot be opened. */
  openIfKnown(blob: Uint8Array, location: SecretLocation): Secret | null {
    try {
      return this.open(blob, location);
    } catch {
      return null;
    }
  }

  /** Keys for another purpose, one for each master key: the first one signs, all are accepted. The order can change later. */
  keysFor(purpose: string): readonly [Buffer, ...Buffer[]] {
    const derived = this.#derived.get(purpose) ?? new Map(this.#keys.map((key) => [key, derive(key, purpose)]));
    this.#derived.set(purpose, derived);
    const rest = this.#keys.filter((key) => key !== this.#sealing);
    return [derived.get(this.#sealing)!, ...rest.map((key) => derived.get(key)!)];
  }

  /** Eight hex digits that identify a secret to people; equal secrets of a workspace have equal fingerprints. */
  fingerprint(secret: Secret, workspaceId: string): string {
    const key = derive(this.#sealing, `fingerprint ${workspaceId}`);
    return createHmac('sha256', key).update(secret.reveal()).digest('hex').slice(0, 8);
  }

  /** Each workspace has a separate sealing key under each master key. */
  #sealingKey(keyId: string | undefined, { workspaceId }: SecretLocation) {
    return derive(this.#keyOf(keyId), `seal ${workspaceId}`);
  }

  #keyOf(keyId: string | undefined): MasterKey {
    const key = this.#keys.find((candidate) => candidate.id === keyId);
    if (!key) throw new Error(`no master key "${keyId}"`);
    return key;
  }
}

/** The last four characters of a secret that is long enough. */
export function last4(secret: Secret): string {
  const value = secret.reveal();
  return value.length >= 12 ? value.slice(-4) : '';
}

/**
 * Parses master keys of the form `id:base64`, 32 bytes each. @throws Error with instructions if a key is malformed or repeated,
 * or none is given
 */
function parseMasterKeys(texts: readonly string[]): readonly [MasterKey, ...MasterKey[]] {
  const keys = texts.map((text, index) => {
    const [, id, base64] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (!id || key.length !== 32)
      throw new Error(
        `master key ${index + 1} is not "id:base64" with 32 bytes; make one with: ` +
          `node -p "'k1:' + crypto.randomBytes(32).toString('base64')"`,
      );
    return { id, key };
  });
  const [first, ...rest] = keys;
  if (!first) throw new Error('no master key is given; credentials cannot be sealed without one');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('two master keys have the same id');
  return [first, ...rest];
}

/** Derives a key for one purpose (HKDF-SHA-256, RFC 5869), so that a leaked one reveals no other. */
function derive({ key }: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `errand v1 ${purpose}`, 32));
}
