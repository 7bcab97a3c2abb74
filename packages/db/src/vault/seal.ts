import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The column and row of a sealed value, which opens in no other location. */
export type SecretLocation = {
  workspaceId: string;
  table: string;
  row: readonly string[];
  column: string;
  /** The bound destination of a credential. */
  destination?: string;
};

// Blob: version (1) | length of keyId (1) | keyId | iv (12) | ciphertext | tag (16).
const VERSION = 1;
const IV_LENGTH = 12;
// Without this length Node accepts a tag of 4 bytes.
const AUTH_TAG_LENGTH = 16;

/** AES-256-GCM, with the header and the location as additional data. */
export function seal(keyId: string, key: Buffer, plain: string, location: SecretLocation): Buffer<ArrayBuffer> {
  const name = Buffer.from(keyId);
  const header = Buffer.concat([Buffer.from([VERSION, name.length]), name]);
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: AUTH_TAG_LENGTH }).setAAD(
    additionalData(header, location),
  );
  return Buffer.concat([header, iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** The id of the key of a blob; undefined if it is not a sealed value. */
export function sealedWith(blob: Uint8Array): string | undefined {
  const length = blob[1] ?? 0;
  if (blob[0] !== VERSION || blob.length < 2 + length + IV_LENGTH + AUTH_TAG_LENGTH) return undefined;
  return Buffer.from(blob.subarray(2, 2 + length)).toString();
}

/** @throws Error if the blob was sealed with another key or for another location, or was changed */
export function unseal(key: Buffer, blob: Uint8Array, location: SecretLocation): string {
  const ivAt = 2 + (blob[1] ?? 0);
  const textAt = ivAt + IV_LENGTH;
  const tagAt = blob.length - AUTH_TAG_LENGTH;
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(ivAt, textAt), { authTagLength: AUTH_TAG_LENGTH })
    .setAAD(additionalData(blob.subarray(0, ivAt), location))
    .setAuthTag(blob.subarray(tagAt));
  return Buffer.concat([decipher.update(blob.subarray(textAt, tagAt)), decipher.final()]).toString('utf8');
}

function additionalData(header: Uint8Array, { workspaceId, table, row, column, destination }: SecretLocation) {
  const parts = ['v1', workspaceId, table, row, column, ...(destination === undefined ? [] : [destination])];
  return Buffer.concat([header, Buffer.from(JSON.stringify(parts))]);
}
