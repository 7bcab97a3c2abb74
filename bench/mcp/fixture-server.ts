// The built service, whose /mcp also has what the conformance suite looks for. Settings come by the environment, as ever; no setting
// adds these fixtures, this program alone does.
import { holdPort, readEnv, startService, toConfig } from '@errand/server';
import { addFixtures } from './fixtures/add-fixtures.ts';

const config = toConfig(readEnv());
const heldPort = await holdPort(config.host, config.port);
const service = await startService(config, { held: heldPort, extendAgents: addFixtures });
const stop = () => service.stop().then(() => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, stop);
process.send?.({ url: service.url });
