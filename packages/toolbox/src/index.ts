export { createConnector } from './credentials/connector.ts';
export { createCredentials } from './credentials/credentials.ts';
export { createPassThroughs } from './credentials/pass-through.ts';
export { createSender } from './credentials/send-call.ts';
export { createTokenTrial } from './credentials/try-token.ts';
export { createImporter } from './tools/importer.ts';
export { createToolSearch } from './tools/tool-search.ts';
export { createToolbox } from './tools/toolbox.ts';
