export { CallBudget } from '@errand/basics/call-budget';
export { type AwsRole, assumeRole } from './cloud/aws-role.ts';
export type { AwsKeys } from './cloud/aws-signature.ts';
export { type ClientGrant, clientAccess } from './cloud/client-credentials.ts';
export { type CloudAccess, CloudAccessCache } from './cloud/cloud-access.ts';
export { faultOfKeyFile, googleAccess } from './cloud/google.ts';
export { createEgress, type Egress, type InstanceEgress } from './egress/egress.ts';
export { errorChain, findEgressError, urlNotAllowed } from './egress/error.ts';
export { ownAddresses } from './egress/private-addresses.ts';
export { isPublicUrl } from './egress/target.ts';
export { callTool } from './execute/call-tool.ts';
export { type CallAuth, callWithRenewal, type ToolAuth } from './execute/credential.ts';
export type { FixedRequest } from './execute/fixed-request.ts';
export { accountIn, readsForTrial, testArguments, testOperations, trialArguments } from './execute/harmless-read.ts';
export { originOfCall } from './execute/http-call.ts';
export { lookUp } from './execute/look-up.ts';
export { type Failure, failure } from './execute/outcome.ts';
export { faultsOfPassThrough, type PassThrough, replacedLocation, secretParts } from './execute/pass-through.ts';
export { createLogoReader } from './logos/read-logo.ts';
export { callMcpTool } from './mcp/call-mcp-tool.ts';
export { type ListedTools, listMcpTools, McpRefusal } from './mcp/list-tools.ts';
export { isMcpCall } from './mcp/mcp-call.ts';
export { createModel, withFallback } from './model/model.ts';
export { endpointOf, type ModelOptions, type ModelProvider, modelProviders } from './model/options.ts';
export { reachModel } from './model/reach.ts';
export {
  type Access,
  type CurrentGrant,
  freshAccess,
  type GrantChange,
  type GrantStore,
} from './oauth/access.ts';
export { createTokenChecker } from './oauth/access-token.ts';
export { startAuthorization } from './oauth/authorize.ts';
export type { Challenge } from './oauth/challenge.ts';
export { discoverAuthorization, discoverTokenServer } from './oauth/discover.ts';
export { type RefreshGrant, refreshTokens, revokeTokens } from './oauth/grant.ts';
export { discoveryEgress, type EgressContext, isTemporaryError } from './oauth/http.ts';
export { createIdentityProvider, type IdentityProviderOptions } from './oauth/identity/identity-provider.ts';
export {
  authorizationOf,
  isCompleteAuthorization,
  isSameSite,
  type ServiceAuthorization,
} from './oauth/protected-service.ts';
export { redeemCode, UnknownClient } from './oauth/redeem.ts';
export { registerClient } from './oauth/register.ts';
export { scopesIn, scopesToRequest } from './oauth/scopes.ts';
export type { ClientAuthentication, OAuthClient, TokenServer } from './oauth/server.ts';
export { memberAt } from './oauth/token/answer-path.ts';
export type { Tokens } from './oauth/token/tokens.ts';
export { limits as importLimits } from './openapi/document/limits.ts';
export { importOpenApi } from './openapi/import-openapi.ts';
export { ImportQueue } from './openapi/import-queue.ts';
export { toolTexts } from './openapi/tool-texts.ts';
export { createWebhookSender } from './webhooks/send.ts';
