export { readDocument } from '../openapi/reader/read-document.ts';
export { asksWithin } from './asks-within.ts';
export { asEventStream, eventsOf } from './model-streams.ts';
export type { ModelWire, WireAnswer } from './model-wires.ts';
export {
  type Conversation,
  type ScriptEntry,
  type ScriptedAnswer,
  type ScriptedModel,
  type ScriptedRequest,
  startScriptedModel,
} from './scripted-model.ts';
export { type StubIssuer, startStubIssuer } from './stub-issuer.ts';
export { type McpBehaviour, type StubMcpServer, startStubMcpServer } from './stub-mcp-server.ts';
export { type SecureStub, type StubProxy, startSecureStub, startStubProxy } from './stub-proxy.ts';
export { watchLoop } from './watch-loop.ts';
