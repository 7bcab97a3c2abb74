// Starts the CRM and tells the parent process, in one line of JSON, where it is.
import { fstatSync } from 'node:fs';
import { readEnv, toConfig } from './config.ts';
import { startCrm } from './crm/start.ts';

const config = toConfig(readEnv());
const crm = await startCrm(config);

const close = () => crm.close().then(() => process.exit(0));
process.on('SIGTERM', close);
process.on('SIGINT', close);
// The parent holds the other end of stdin: when it dies, even by SIGKILL, the pipe ends and so does the service.
// A terminal or /dev/null is no parent's pipe.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', close).on('error', close).resume();

// Last, so that who read the line may already end the service.
const line = { crm: { url: crm.url, openapi: crm.documentUrl }, token: crm.token };
process.stdout.write(`${JSON.stringify(line)}\n`);
