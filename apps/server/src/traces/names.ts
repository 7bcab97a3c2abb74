// The names that traces use: one table, because the names for generative AI still change.
// https://github.com/open-telemetry/semantic-conventions-genai (0.1.0, "Development"), and the stable HTTP names.

/** Values of `gen_ai.operation.name`. */
export const OPERATION = { run: 'invoke_agent', plan: 'plan', call: 'execute_tool', model: 'chat' } as const;

export const ATTRIBUTE = {
  operation: 'gen_ai.operation.name',
  agent: 'gen_ai.agent.name',
  model: 'gen_ai.request.model',
  answeredBy: 'gen_ai.response.model',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedTokens: 'gen_ai.usage.cache_read.input_tokens',
  tool: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  callId: 'gen_ai.tool.call.id',
  /** Only with ERRAND_TRACE_CONTENT. */
  args: 'gen_ai.tool.call.arguments',
  result: 'gen_ai.tool.call.result',
  httpMethod: 'http.request.method',
  httpStatus: 'http.response.status_code',
  url: 'url.full',
  urlTemplate: 'url.template',
  host: 'server.address',
  port: 'server.port',
  mcpMethod: 'mcp.method.name',
  error: 'error.type',
  run: 'errand.run.id',
  workspace: 'errand.workspace.id',
  status: 'errand.run.status',
  activation: 'errand.activation.number',
  deaths: 'errand.activation.deaths',
  state: 'errand.state',
  step: 'errand.step.id',
  integration: 'errand.integration.id',
  integrationName: 'errand.integration.name',
  effect: 'errand.call.effect',
  attempt: 'errand.call.attempt',
  isReplan: 'errand.plan.is_replan',
  webhook: 'errand.webhook.id',
  deliveryAttempt: 'errand.delivery.attempt',
} as const;

export const AGENT = 'errand';
/** A tool that the service calls elsewhere. */
export const TOOL_TYPE = 'extension';
