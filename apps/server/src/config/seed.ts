import { Enable } from '@errand/contracts';

/** An integration to register on start. */
export type Seed = {
  name: string;
  /** URL of its OpenAPI document. */
  url: string;
  /** The workspace's token at the service. */
  token?: string;
  /** The tools to enable; `reads` by default. */
  enable?: Enable;
};

/** Parses a list of seeds; null if it is invalid. */
export function parseSeeds(text: string): Seed[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return Array.isArray(value) && value.every(isSeed) ? value : null;
}

function isSeed(value: unknown): value is Seed {
  if (typeof value !== 'object' || value === null) return false;
  const { name, url, token, enable, ...rest } = value as Record<string, unknown>;
  const isText = (text: unknown) => typeof text === 'string' && text !== '';
  return (
    isText(name) &&
    isText(url) &&
    (token === undefined || isText(token)) &&
    Enable.optional().safeParse(enable).success &&
    Object.keys(rest).length === 0
  );
}
