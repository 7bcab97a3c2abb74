// The names and attributes of spans.
import type { Work, WorkEnd } from '@errand/ports/observer';
import type { Attributes, Link, SpanKind } from '@opentelemetry/api';
import { ATTRIBUTE as A, OPERATION, TOOL_TYPE } from './names.ts';
import { bounded, type SpanTexts } from './span-texts.ts';

/** `withContent`: whether spans contain arguments and results of calls. */
export type Describing = { texts: SpanTexts; withContent: boolean };

export type SpanStart = { name: string; kind: SpanKind; attributes: Attributes; links?: Link[] };

/** Values of the API of OpenTelemetry. Node cannot load its module outside a bundle. */
export const INTERNAL: SpanKind.INTERNAL = 0;
const CLIENT: SpanKind.CLIENT = 2;

const MAX_URL_CHARS = 512;

/** The span of work, without its end. Its texts have no secrets that are known now. */
export function startOf(work: Work, describing: Describing): SpanStart {
  const { texts } = describing;
  switch (work.kind) {
    case 'plan':
      return internal('plan', { [A.operation]: OPERATION.plan, ...(work.isReplan && { [A.isReplan]: true }) });
    case 'step': {
      const step = texts.name(work.stepId);
      return internal(`step ${step}`, { [A.step]: step });
    }
    case 'model': {
      const model = texts.name(work.model);
      return client(`${OPERATION.model} ${model}`, { [A.operation]: OPERATION.model, [A.model]: model });
    }
    case 'call':
      return startOfCall(work, describing);
    default:
      return startOfRequest(work, describing);
  }
}

const internal = (name: string, attributes: Attributes): SpanStart => ({
  name: bounded(name),
  kind: INTERNAL,
  attributes,
});
const client = (name: string, attributes: Attributes): SpanStart => ({
  name: bounded(name),
  kind: CLIENT,
  attributes,
});

function startOfCall(
  { tool, toolCallId, attempt, args }: Work & { kind: 'call' },
  { texts, withContent }: Describing,
): SpanStart {
  const { customerIntegrationId, integrationName, operation, effect } = tool;
  const name = texts.name(operation);
  return internal(`${OPERATION.call} ${name}`, {
    [A.operation]: OPERATION.call,
    [A.tool]: name,
    [A.toolType]: TOOL_TYPE,
    [A.callId]: texts.name(toolCallId),
    [A.integration]: texts.name(customerIntegrationId),
    [A.integrationName]: texts.name(integrationName),
    [A.effect]: effect,
    [A.attempt]: attempt,
    ...(withContent && { [A.args]: texts.content(args) }),
  });
}

function startOfRequest(
  { method, origin, template, mcp }: Work & { kind: 'request' },
  { texts }: Describing,
): SpanStart {
  const { hostname, port, protocol } = new URL(origin);
  const path = template === undefined ? undefined : texts.name(template);
  const httpName = path === undefined ? method : `${method} ${path}`;
  return client(mcp === undefined ? httpName : texts.name(mcp), {
    [A.httpMethod]: method,
    // Without the values of its path and query: they are arguments, or secrets.
    [A.url]: texts.name(`${origin}${template ?? ''}`, MAX_URL_CHARS),
    ...(path !== undefined && { [A.urlTemplate]: path }),
    [A.host]: texts.name(hostname),
    [A.port]: Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(mcp !== undefined && { [A.mcpMethod]: mcp.split(' ', 1)[0]! }),
  });
}

/** Adds the outcome of the work. */
export function addEnd({ attributes }: SpanStart, end: WorkEnd, { texts, withContent }: Describing): void {
  const { error, status, state, madeBy, output, usage } = end;
  if (error !== undefined) attributes[A.error] = texts.name(error);
  if (state !== undefined) attributes[A.state] = state;
  if (status !== undefined && attributes[A.httpMethod] !== undefined) attributes[A.httpStatus] = status;
  if (madeBy !== undefined) attributes[A.answeredBy] = texts.name(madeBy);
  if (usage) {
    attributes[A.inputTokens] = usage.inputTokens;
    attributes[A.outputTokens] = usage.outputTokens;
    if (usage.cachedInputTokens) attributes[A.cachedTokens] = usage.cachedInputTokens;
  }
  if (output !== undefined && withContent) attributes[A.result] = texts.content(output);
}
