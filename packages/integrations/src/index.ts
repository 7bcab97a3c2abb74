export { CallBudget } from '@errand/basics/call-budget';
export { type AwsRole, assumeRole } from './cloud/aws-role.ts';
export type { AwsKeys } from './cloud/aws-signature.ts';
export { type CloudAccess, CloudAccessCache } from './cloud/cloud-access.ts';
export { faultOfKeyFile, type GoogleServiceAccount, googleAccess } from './cloud/google.ts';
export {
  createEgress,
  type Egress,
  type EgressLimits,
  type EgressOptions,
  type EgressRequest,
} from './egress/egress.ts';
export { EgressError, type EgressErrorCode, findEgressError, withAdvice } from './egress/error.ts';
export type { Received } from './egress/receive.ts';
export { isPublicUrl } from './egress/target.ts';
export { type CallOptions, callTool } from './execute/call-tool.ts';
export type { CallAuth } from './execute/credential.ts';
export { argumentsOfPlainRead, readsThatFit } from './execute/harmless-read.ts';
export {
  credentialLocation,
  faultsOfPassThrough,
  type PassThrough,
  secretParts,
} from './execute/pass-through.ts';
export { callRenewing } from './execute/renew.ts';
export { callMcpTool } from './mcp/call-mcp-tool.ts';
export { type ListedTools, listMcpTools, McpRefusal } from './mcp/list-tools.ts';
export { isMcpCall } from './mcp/mcp-call.ts';
export type { McpServer } from './mcp/server-fetch.ts';
export { withFallback } from './model/fallback.ts';
export { createModel } from './model/model.ts';
export { type ModelOptions, type ModelProvider, modelProviders } from './model/options.ts';
export { type Access, freshAccess, type GrantChange, type Grants, type KeptGrant } from './oauth/access.ts';
export { createTokenCheck, type TokenChecker } from './oauth/access-token.ts';
export {
  type AuthorizationRequest,
  authorizationUrl,
  type PendingAuthorization,
  stateHash,
} from './oauth/authorize.ts';
export { type Challenge, challengeOf } from './oauth/challenge.ts';
export type { ClientAuthentication, OAuthClient } from './oauth/client.ts';
export { discover } from './oauth/discover.ts';
export { type EgressUse, forDiscovery, isPassing } from './oauth/http.ts';
export { isOfOwnSite } from './oauth/own-site.ts';
export {
  authorizationOf,
  isComplete,
  type ServiceAuthorization,
  type ServiceHints,
} from './oauth/protected-service.ts';
export { type Redemption, redeem, UnknownClient } from './oauth/redeem.ts';
export { type Grant, type Refreshed, refresh } from './oauth/refresh.ts';
export { type RegisteredClient, registerClient } from './oauth/register.ts';
export { type Revocation, type Revoked, revoke } from './oauth/revoke.ts';
export { scopesIn, scopesToAsk } from './oauth/scopes.ts';
export type { AuthorizationServer, ServerHints } from './oauth/server.ts';
export type { Tokens } from './oauth/tokens.ts';
export type { ImportedOpenApi } from './openapi/convert.ts';
export { limits as importLimits } from './openapi/document/limits.ts';
export { type ImportOpenApiInput, importOpenApi } from './openapi/import-openapi.ts';
export { ImportQueue } from './openapi/import-queue.ts';
export type { OAuthHint, ToolAuth } from './openapi/security.ts';
export { toolTexts } from './openapi/tool-texts.ts';
export { createWebhookSender } from './webhooks/send.ts';
