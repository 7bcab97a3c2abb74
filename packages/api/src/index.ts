export type {
  BegunConsent,
  Connector,
  FoundAuthorization,
  OAuthHints,
  ServiceHints,
} from './decisions/answer/connector.ts';
export type { TrialResult, TryToken } from './decisions/answer/try-token.ts';
export { createApprovalLinks } from './decisions/ask/approval-links.ts';
export type { ApprovalLink, ApprovalPort } from './decisions/ask/approval-port.ts';
export { createConsentLinks } from './decisions/ask/consent-links.ts';
export type { ConsentLink, ConsentPort } from './decisions/ask/consent-port.ts';
export { createQuestionLinks, type QuestionPort } from './decisions/ask/question-links.ts';
export type { MountDeps } from './deps.ts';
export { apiDocument, documentFile } from './document.ts';
export type { ImportedService, Importer, ImportRequest, McpAsker, OAuthScheme, TokenLocation } from './importer.ts';
export { readDueLists, readToolsOf } from './integrations/read-again.ts';
export { type Registration, register } from './integrations/register.ts';
export type { ExtendAgents, OwnAnswers } from './mcp/mcp-server.ts';
export { type MountOptions, mountApi, problemOptions } from './mount.ts';
export { mountHtmlProblems } from './pages/html-problems.ts';
export { mountPages } from './pages/pages.ts';
export { mountReference } from './pages/reference.ts';
export type { PassThroughs } from './runs/pass-through.ts';
export type { ToolSearch } from './tools/tool-search.ts';
