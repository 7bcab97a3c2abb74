// Behaviours of endpoints that must end in a plan.

import {
  type Behaviour,
  chatMessage,
  chatStream,
  events,
  failing,
  good,
  plan,
  refusing,
  streamed,
  unless,
} from './endpoints-answers.ts';

const formatOf = (body: Record<string, unknown>) => (body.response_format as { type?: string } | undefined)?.type;
const halves = [plan.slice(0, 100), plan.slice(100)];

const forms: Omit<Behaviour, 'expect'>[] = [
  { name: 'code fences', script: [`\`\`\`json\n${plan}\n\`\`\``] },
  { name: 'prose around', script: [`Here is the plan:\n${plan}\nShall I go on?`] },
  { name: '<think> closed', script: [`<think>First {"steps": []}, then more.</think>\n${plan}`] },
  { name: '<think> not closed', script: [`<think>I look for the car, then I book. So:\n${plan}`] },
  {
    name: 'reasoning beside content',
    script: [chatStream([{ reasoning: 'Let me see {' }, ...halves.map((content) => ({ content }))])],
  },
  {
    name: 'reasoning_content beside content',
    script: [chatMessage({ reasoning_content: 'Let me see {', content: plan })],
  },
  { name: 'content as parts', script: [chatMessage({ content: [{ type: 'text', text: plan }] })] },
  { name: 'empty once', script: ['', good] },
  { name: 'cut off once', script: [{ text: plan.slice(0, 80), finish: 'length' }, good] },
  { name: 'wrapped plan', script: [`{"plan": ${plan}}`] },
  { name: 'two objects', script: [`{"thoughts": "a car, then a booking"}\n${plan}`] },
  { name: 'single quotes once', script: [plan.replaceAll('"', "'"), good] },
  { name: 'no usage', script: [chatStream([{ content: plan }])] },
  { name: 'no id, no time', script: [chatMessage({ content: plan })] },
  {
    name: 'comments in JSON',
    script: [JSON.stringify(JSON.parse(plan), null, 2).replace('"steps"', '// the "steps" [\n"steps"')],
  },
  {
    name: 'the whole answer in reasoning_content',
    script: [chatStream(halves.map((reasoning_content) => ({ content: null, reasoning_content })))],
  },
];

const troubles: Omit<Behaviour, 'expect'>[] = [
  { name: '429 with Retry-After once', script: [{ status: 429, headers: { 'retry-after': '1' } }, good] },
  { name: '500 once', script: [failing(500), good] },
  { name: '503 once', script: [failing(503), good] },
  { name: '529 once', script: [failing(529), good] },
  { name: 'reset once', script: [{ broken: 'drop' }, good] },
];

const refusals: Omit<Behaviour, 'expect'>[] = [
  {
    name: 'json_schema refused (400)',
    script: unless(({ body }) => formatOf(body) === 'json_schema', refusing('json_schema is not supported')),
  },
  {
    name: 'any response_format refused (400)',
    script: unless(({ body }) => 'response_format' in body, refusing("Unknown parameter: 'response_format'")),
  },
  {
    name: 'any response_format refused (422)',
    script: unless(({ body }) => 'response_format' in body, refusing('response_format: extra inputs', 422)),
  },
  {
    name: 'grammar refused',
    script: unless(({ body }) => formatOf(body) === 'json_schema', refusing('Failed to compile the grammar')),
  },
  {
    name: 'temperature refused',
    script: unless(
      ({ body }) => 'temperature' in body,
      refusing("Unsupported value: 'temperature' does not support 0"),
    ),
  },
  {
    name: 'max_tokens refused, max_completion_tokens wanted',
    script: unless(
      ({ body }) => 'max_tokens' in body,
      refusing("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
    ),
  },
  {
    name: 'max_tokens too large',
    script: unless(
      ({ body }) => Number(body.max_tokens) > 8192,
      refusing('max_tokens is too large: 16000. This model supports at most 8192 completion tokens.'),
    ),
  },
  {
    name: 'streams only',
    script: unless(({ body }) => body.stream !== true, refusing('Only stream=true is supported.')),
  },
  {
    name: 'a stream although none was asked for',
    script: unless(({ body }) => body.stream === true, refusing('Unknown parameter: stream'), streamed),
  },
  {
    name: 'no system role',
    script: unless(({ system }) => system !== '', refusing('System role not supported')),
  },
  {
    name: 'no responses at the base URL',
    provider: 'openai',
    script: unless(({ path }) => path.endsWith('/responses'), refusing('404 page not found', 404)),
  },
];

const wires: Omit<Behaviour, 'expect'>[] = [
  {
    name: 'thinking block',
    provider: 'anthropic',
    script: [
      events([
        { type: 'message_start', message: { id: 'm', model: 'some-model', content: [], usage: { input_tokens: 9 } } },
        { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'A car {' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: plan } },
        { type: 'content_block_stop', index: 1 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } },
        { type: 'message_stop' },
      ]),
    ],
  },
  { name: '529 once', provider: 'anthropic', script: [failing(529, 'Overloaded'), good] },
  {
    name: 'temperature refused',
    provider: 'anthropic',
    script: unless(({ body }) => 'temperature' in body, refusing('temperature is deprecated for this model')),
  },
  {
    name: 'thought part',
    provider: 'google',
    script: [
      events([
        { candidates: [{ content: { role: 'model', parts: [{ text: 'A car {', thought: true }] } }] },
        { candidates: [{ content: { role: 'model', parts: [{ text: plan }] }, finishReason: 'STOP' }] },
      ]),
    ],
  },
  { name: 'responses', provider: 'openai', script: [good] },
];

export const plansInTheEnd: Behaviour[] = [...forms, ...troubles, ...refusals, ...wires].map((behaviour) => ({
  ...behaviour,
  expect: 'plan',
}));
