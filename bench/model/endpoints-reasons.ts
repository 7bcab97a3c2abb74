// Behaviours of endpoints without a plan: the reason must name the cause.
import { modelProviders } from '@errand/integrations';
import { type Behaviour, chatMessage, failing, plan, refusing } from './endpoints-answers.ts';

const refused = /^The model refused to plan this\./;
const cutOff = /^The model's answer was cut off at 16,000 tokens \(ERRAND_MODEL_OUTPUT_TOKENS\)\.$/;

const call = { id: 'c', type: 'function', function: { name: 'findCar', arguments: '{"query":{"plate":"B-XY 12"}}' } };

export const trueReasons: Behaviour[] = [
  {
    name: 'refusal field',
    script: () => ({ text: 'I cannot help with that.', finish: 'refusal' }),
    expect: /^The model refused to plan this\. It said: "I cannot help with that\."$/,
  },
  { name: 'content filter', script: () => chatMessage({ content: '' }, 'content_filter'), expect: refused },
  { name: 'SAFETY', provider: 'google', script: () => ({ text: '', finish: 'refusal' }), expect: refused },
  { name: 'refusal', provider: 'anthropic', script: () => ({ text: 'No.', finish: 'refusal' }), expect: refused },
  {
    name: '429 always',
    script: () => failing(429),
    expect: /rate limit or quota is used up \(429\): Scripted error\./,
  },
  { name: '500 always', script: () => failing(500), expect: /^The model endpoint failed \(500\): Scripted error\./ },
  { name: '529 always', script: () => failing(529), expect: /^The model endpoint failed \(529\): Scripted error\./ },
  { name: '502 always', script: () => failing(502), expect: /^The model endpoint failed \(502\): Scripted error\./ },
  {
    name: 'hangs',
    script: () => ({ broken: 'hang' }),
    timeoutMs: 2000,
    expect: /^The model did not answer within 2000 ms\.$/,
  },
  {
    name: 'no choices',
    script: () => ({ raw: '{"choices": []}' }),
    expect: /^The model endpoint answered in another format than its provider setting says\.$/,
  },
  {
    name: 'context too long',
    script: () => refusing("This model's maximum context length is 4096 tokens. Your messages have 5000 tokens."),
    expect: /^The model endpoint refused the request \(400\): This model's maximum context length is 4096 tokens\./,
  },
  {
    name: 'tool calls in place of content',
    script: () => chatMessage({ content: null, tool_calls: [call] }, 'tool_calls'),
    expect: /^The model called a function instead of answering in text\.$/,
  },
  {
    name: 'a refusal in prose',
    script: () => "I'm sorry, but I **can't** help with that.",
    expect: /^The model gave no plan\. It said: "I'm sorry, but I can't help with that\."$/,
  },
  {
    name: 'an error with status 200',
    script: () => ({ raw: '{"error": {"message": "The upstream provider is down", "code": 502}}' }),
    expect: /^The model endpoint failed \(200\): The upstream provider is down$/,
  },
  ...modelProviders.map((provider) => ({
    name: 'cut off each time',
    provider,
    script: () => ({ text: plan.slice(0, 80), finish: 'length' as const }),
    expect: cutOff,
  })),
];
