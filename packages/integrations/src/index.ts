export {
  createEgress,
  type Egress,
  type EgressLimits,
  type EgressOptions,
  type EgressRequest,
} from './egress/egress.ts';
export { EgressError, type EgressErrorCode } from './egress/error.ts';
export type { Received } from './egress/receive.ts';
export { type CallOptions, callTool, type PassThrough } from './execute/call-tool.ts';
export type { ImportedOpenApi } from './openapi/convert.ts';
export { type ImportOpenApiInput, importOpenApi } from './openapi/import-openapi.ts';
export type { OAuthHint, ToolAuth } from './openapi/security.ts';
export { type BuiltinPlannerOptions, createBuiltinPlanner } from './planner/builtin/builtin-planner.ts';
export { ModelFailure } from './planner/model/failure.ts';
export { createModelPlanner } from './planner/model/model-planner.ts';
export { type ModelPlannerOptions, type ModelProvider, modelProviders } from './planner/model/options.ts';
