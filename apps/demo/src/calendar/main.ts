// Runs the authorization server and its calendar as a process, and prints their addresses in one line of JSON.
import { fstatSync } from 'node:fs';
import { startAuthorizationServer } from '../authorization/start.ts';
import { readEnv, toConfig } from './config.ts';
import { startCalendar } from './start.ts';

const config = toConfig(readEnv());
const authorization = await startAuthorizationServer(config);
const calendar = await startCalendar({ authorization, port: config.calendarPort });

const close = () => Promise.all([calendar.close(), authorization.close()]).then(() => process.exit(0));
process.on('SIGTERM', close);
process.on('SIGINT', close);
// stdin is a pipe from the parent: when the parent ends, even by SIGKILL, the pipe closes and this process stops.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', close).on('error', close).resume();

const { url, clientId, clientSecret, publicClientId, users } = authorization;
const line = {
  authorization: { issuer: url, clientId, clientSecret, publicClientId, users },
  calendar: { url: calendar.url, openapi: calendar.documentUrl, mcp: calendar.mcpUrl },
};
process.stdout.write(`${JSON.stringify(line)}\n`);
