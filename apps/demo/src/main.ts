// Starts the CRM and prints its address in one line of JSON for the parent process.
import { fstatSync } from 'node:fs';
import { readEnv, toConfig } from './config.ts';
import { startCrm } from './crm/start.ts';

const config = toConfig(readEnv());
const crm = await startCrm(config);

const close = () => crm.close().then(() => process.exit(0));
process.on('SIGTERM', close);
process.on('SIGINT', close);
// stdin is a pipe from the parent: when the parent ends, even by SIGKILL, the pipe closes and this process stops. A terminal or /dev/null
// is not such a pipe.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', close).on('error', close).resume();

// Last, so that a reader of the line may stop the service at once.
const line = { crm: { url: crm.url, openapi: crm.documentUrl }, token: crm.token };
process.stdout.write(`${JSON.stringify(line)}\n`);
