// Stops under traffic: each process exits with 0 within 30 s, after which it would exit with 1.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { json } from '../fixtures/stub.ts';
import { chain } from './checks.ts';
import { aSite } from './site.ts';

const STOPS = 50;
const CALLERS = 8;
const POLL = { everyMs: 50, cutAfterMs: 80 };

/** Callers with kept-alive connections, and a health check that cuts its connections, until the server is gone. */
async function traffic(server: Server, body: object, calls: () => void): Promise<void> {
  let gone = false;
  const call = async () => {
    while (!gone) {
      try {
        await request(server, '/v1/runs?pageSize=1');
        await request(server, '/v1/runs', { body });
        calls();
      } catch {
        gone = true;
      }
    }
  };
  const poll = async () => {
    while (!gone) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
      socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n');
      socket.setTimeout(POLL.cutAfterMs, () => socket.destroy());
      await sleep(POLL.everyMs);
    }
  };
  await Promise.all([poll(), ...Array.from({ length: CALLERS }, call)]);
}

test(`${STOPS} processes under traffic and health checks each end with 0`, async () => {
  const look = { answer: (response: Parameters<typeof json>[0]) => json(response, { fine: true }) };
  const site = await aSite({ operations: { look }, http: 1, workers: 1 });
  const [{ dataDir, way }] = site.http as [(typeof site.http)[0]];
  const databaseUrl = way.through(site.admin.options.connectionString!);
  const body = aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, ['look']) });
  const took: number[] = [];
  for (let i = 0; i < STOPS; i++) {
    const role = i % 5 === 4 ? 'all' : 'http';
    const server = await startServer({
      databaseUrl,
      dataDir,
      env: { ERRAND_ROLE: role, ERRAND_EGRESS_ALLOW: site.stub.origin },
    });
    const busy = new EventTarget();
    const calls = { left: 2 * CALLERS };
    const warm = once(busy, 'warm');
    const trafficEnd = traffic(server, body, () => {
      calls.left -= 1;
      if (calls.left === 0) busy.dispatchEvent(new Event('warm'));
    });
    await warm;
    const from = performance.now();
    const code = await server.end();
    took.push(Math.round(performance.now() - from));
    await trafficEnd;
    expect([i, code], server.log().slice(-3000)).toEqual([i, 0]);
  }
  took.sort((leftMs, rightMs) => leftMs - rightMs);
  console.log(`${STOPS} stops: median ${took[STOPS / 2]} ms, slowest ${took.slice(-5).join(', ')} ms`);
}, 900_000);
