// Processes are replaced one after the other under load, behind the proxy files that operators get, which make no second attempt.
import { expect, test } from 'vitest';
import { aFleet } from './fleet.ts';
import type { ProxyKind } from './proxies.ts';

const PROCESSES = 4;

test.each<[ProxyKind, number]>([
  ['haproxy', 40],
  ['caddy', 8],
])(
  '%s: %i restarts under load fail no request, leave no gap in a stream, and repeat no write',
  async (kind, restarts) => {
    const fleet = await aFleet(kind);
    const endings = [];
    while (endings.length < restarts) {
      await fleet.moreRuns(3);
      endings.push(...(await fleet.roll()));
      console.log(
        `${kind}: ${endings.length} of ${restarts} restarts, ms: ${endings.slice(-PROCESSES).map(({ ms }) => ms)}`,
      );
    }
    await fleet.stopAndCheck();
    expect(endings.filter(({ code }) => code !== 0)).toEqual([]);
    expect(fleet.errors()).toEqual([]);
  },
);
