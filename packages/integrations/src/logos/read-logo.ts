import { imageTypeOf } from '@errand/basics/image-type';
import { timeLimit } from '@errand/basics/time-limit';
import { MAX_LOGO_BYTES } from '@errand/contracts';
import type { Logo, LogoPlaces, ReadLogo } from '@errand/ports/logos';
import type { Egress, InstanceEgress } from '../egress/egress.ts';

/** Longest time for all places together, and for one. */
const limits = { totalMs: 15_000, eachMs: 5_000 };
/** Logos that a process reads at the same time. Further ones are read at a refresh. */
const MAX_AT_ONCE = 20;

/** Reads logos through the egress: PNG, ICO or WebP by their first bytes, at most 64 KiB. */
export function createLogoReader(egress: InstanceEgress, { totalMs, eachMs } = limits): ReadLogo {
  let reading = 0;
  return async (places) => {
    if (reading >= MAX_AT_ONCE) return undefined;
    reading++;
    try {
      const signal = timeLimit(totalMs);
      for (const url of addressesOf(places)) {
        const logo = await readImage(egress.forWorkspace(places.workspaceId), url, { signal, timeoutMs: eachMs });
        if (logo) return logo;
      }
      return undefined;
    } finally {
      reading--;
    }
  };
}

const API_LABEL = /^(?:api|rest|mcp)\./;

/** The named address, then the icon of the API, then that of the site that the API belongs to. Only sites with TLS are asked for icons. */
export function addressesOf({ logoUrl, baseUrl }: Pick<LogoPlaces, 'logoUrl' | 'baseUrl'>): string[] {
  const named = logoUrl === undefined ? [] : [logoUrl];
  if (!URL.canParse(baseUrl) || baseUrl.includes('{')) return named;
  const { protocol, origin, host } = new URL(baseUrl);
  if (protocol !== 'https:') return named;
  const site = API_LABEL.test(host) ? [`https://${host.replace(API_LABEL, '')}`] : [];
  return [...named, ...[origin, ...site].map((each) => `${each}/favicon.ico`)];
}

async function readImage(
  egress: Egress,
  url: string,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Logo | undefined> {
  try {
    const headers = { accept: 'image/png, image/webp, image/x-icon' };
    const { status, body } = await egress.request({
      method: 'GET',
      url,
      headers,
      credentials: false,
      redirects: 3,
      maxBytes: MAX_LOGO_BYTES,
      timeoutMs,
      signal,
    });
    const type = status === 200 ? imageTypeOf(body) : undefined;
    return type && { image: new Uint8Array(body), type };
  } catch {
    // A service without a logo is as good as one with it.
    return undefined;
  }
}
