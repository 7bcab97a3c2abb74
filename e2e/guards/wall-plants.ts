import type { Plant } from './plants.ts';

/** Programs that do, in a room where they may not, what one place alone may do: [what, text]. */
const programs = {
  environment: [
    ['reads a variable', 'export const a = process.env.HOME;\n'],
    ['reads it by a string', `export const a = process['env'].HOME;\n`],
    ['reads it over globalThis', 'export const a = globalThis.process.env.HOME;\n'],
    ['takes env out of process', 'const { env } = process;\nexport const a = env.HOME;\n'],
    ['imports env', `import { env } from 'node:process';\n\nexport const a = env.HOME;\n`],
    ['imports process', `import p from 'node:process';\n\nexport const a = p.env.HOME;\n`],
  ],
  outbound: [
    ['fetches', `export const a = () => fetch('http://example.org');\n`],
    ['hands fetch on', 'export const a = { fetch };\n'],
    ['fetches by default', 'export const a = (load = fetch) => load;\n'],
    ['fetches over globalThis', `export const a = () => globalThis['fetch']('http://example.org');\n`],
    ['opens a web socket', `export const a = () => new WebSocket('ws://example.org');\n`],
    ['requests', `import { request } from 'node:http';\n\nexport const a = request;\n`],
    ['requests by another name', `import { get as createServer } from 'https';\n\nexport const a = createServer;\n`],
    ['takes the whole module', `import * as net from 'node:net';\n\nexport const a = net.connect;\n`],
    ['hands the module on', `export { connect } from 'node:tls';\n`],
    ['imports while running', `export const a = () => import('node:http2');\n`],
    ['asks node for the module', `export const a = () => process.getBuiltinModule('node:net');\n`],
    ['looks a name up', `import { lookup } from 'node:dns/promises';\n\nexport const a = lookup;\n`],
    ['resolves a name', `import dns from 'dns';\n\nexport const a = dns.resolve4;\n`],
    ['takes http by default', `import http from 'node:http';\n\nexport const a = http.request;\n`],
    ['opens a session of HTTP/2', `import { connect } from 'http2';\n\nexport const a = connect;\n`],
    [
      'opens a socket',
      `import { createServer, Socket } from 'net';\n\nexport const a = [createServer, new Socket()];\n`,
    ],
    ['sends datagrams', `import { createSocket } from 'node:dgram';\n\nexport const a = createSocket;\n`],
    ['hears events', `export const a = () => new globalThis.EventSource('http://example.org');\n`],
    ['uses undici', `import { Agent } from 'undici';\n\nexport const a = new Agent();\n`],
  ],
  status: [
    ['calls the writer', `import { moveRun } from '@errand/db';\n\nexport const a = moveRun;\n`],
    ['takes all of db', `import * as db from '@errand/db';\n\nexport const a = db;\n`],
    ['hands the writer on', `export { createRun } from '@errand/db';\n`],
    ['writes the row', `export const a = 'UPDATE run SET status = $1';\n`],
    ['writes an event', 'export const a = `insert into "run_event" (type) VALUES (1)`;\n'],
  ],
} as const;

// What looks the same and is not.
const innocent = `import { createServer, type IncomingMessage, type request, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

export type Fetch = typeof fetch;
export type Door = { fetch: Fetch; env: string };
export const call = (door: Door, fetch: Fetch) => [fetch('x'), door.fetch('y'), door.env] as unknown as Socket[];
export const serve = (seen: (m: IncomingMessage) => typeof request) => [createServer, STATUS_CODES, seen];
export const look = 'SELECT status FROM run; UPDATE run_lock SET a = 1';
`;

export const innocentFiles = { 'packages/engine/src/innocent.ts': innocent };

export const wallPlants: Plant[] = Object.entries(programs).flatMap(([guard, cases]) =>
  cases.map(([what, text], i) => {
    const file = `packages/engine/src/${guard}${i}.ts`;
    return { what: `a program that ${what}`, guard, says: new RegExp(`${file}:\\d+: `), files: { [file]: text } };
  }),
);

wallPlants.push({
  what: 'Prisma writing a run',
  guard: 'status',
  says: /packages\/db\/src\/orm.ts:1: run.updateMany: a run changes through transition/,
  files: { 'packages/db/src/orm.ts': 'export const a = (p: { run: { updateMany(): void } }) => p.run.updateMany();\n' },
});
