// The built service, whose /mcp also offers the fixtures of the conformance suite. It reads the usual environment; no setting adds these
// fixtures, only this program does.
import { holdPort, readEnv, startService, toConfig } from '@errand/server';
import { addFixtures } from './fixtures/add-fixtures.ts';

const config = toConfig(readEnv());
const heldPort = await holdPort(config.host, config.port);
const service = await startService(config, { held: heldPort, extendMcpServer: addFixtures });
const stop = () => service.stop().then(() => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, stop);
process.send?.({ url: service.url });
