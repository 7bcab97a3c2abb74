// Keys of products, and the persons that they name.
import type { OnBehalfOf, Scope } from '@errand/contracts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, type Caller, overRest } from '../fixtures/transports.ts';

export const ana: OnBehalfOf = { id: 'ana', name: 'Ana Lopez' };
export const ben: OnBehalfOf = { id: 'ben', name: 'Ben Okafor' };

export const PRODUCT_SCOPES: Scope[] = ['runs:read', 'runs:write', 'approvals:decide', 'persons:claim'];

export type ProductKey = Caller & { apiKeyId: string; api: Api };

export async function productKey(
  stack: Pick<Stack, 'url' | 'apiKey'>,
  product: string | undefined,
  scopes: readonly Scope[] = PRODUCT_SCOPES,
): Promise<ProductKey> {
  const input = { name: `key of ${product}`, scopes: [...scopes], ...(product !== undefined && { product }) };
  const { key, apiKeyId } = await overRest(stack).apiKeys.create(input);
  const caller = { url: stack.url, apiKey: key };
  return { ...caller, apiKeyId, api: overRest(caller) };
}

export async function rotatedKey(
  stack: Pick<Stack, 'url' | 'apiKey'>,
  { apiKeyId: oldId }: ProductKey,
): Promise<ProductKey> {
  const { key, apiKeyId } = await overRest(stack).apiKeys.rotate({ apiKeyId: oldId });
  const caller = { url: stack.url, apiKey: key };
  return { ...caller, apiKeyId, api: overRest(caller) };
}
