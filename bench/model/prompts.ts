import type { PlanRequest, ToolSpec } from '@errand/contracts';
import { demoServices, readTools } from '@errand/evals';
import { createModelPlanner } from '@errand/planner';
import type { AskModel, ModelPrompt } from '@errand/ports/model';
import type { Figures, Scenario } from '../figures.ts';
import { madeUpTools } from './made-up-tools.ts';

export const modelPrompts: Scenario = {
  name: 'model-prompts',
  goal: {
    userKilobytes: '<= 12 for the 26 tools of the demo CRM, <= 25 for 38 large ones, <= 30 for 300 and 1,000',
    sharedPercent: '>= 90 between two runs of one workspace; a repair and a re-plan keep the beginning',
  },
};

const PLANNING = { maxRepairs: 3, maxOutputTokens: 16_000, maxToolsShown: 40, madeBy: 'model:bench' };
const CRM = demoServices.find(({ id }) => id === 'crm')!;

/** The size of the prompts for a set of tools, and the share that an endpoint can cache. */
export async function measurePrompts(): Promise<Figures> {
  return {
    crm: await promptsFor(await readTools(await CRM.document(), CRM.id, CRM.name)),
    large38: await promptsFor(madeUpTools(38, true)),
    tools300: await promptsFor(madeUpTools(300)),
    tools1000: await promptsFor(madeUpTools(1000)),
  };
}

/** Two runs with the same tools, a repair of the second, and a re-plan. */
async function promptsFor(tools: readonly ToolSpec[]) {
  const first = await promptsOf(request(tools, 'Tell me which deals of Northwind are still open', '09:00'));
  const second = await promptsOf(request(tools, 'Log a call with Ana Lopez for tomorrow at ten', '11:30'));
  const previous = {
    plan: { goal: 'Look', steps: [{ id: 'a', tool: tools[0]!.name, args: {} }] },
    failures: [{ stepId: 'a', code: 'tool_failed', message: 'It was closed.' }],
    outputs: {},
  };
  const again = await promptsOf({
    ...request(tools, 'Log a call with Ana Lopez for tomorrow at ten', '11:30'),
    previous,
  });
  const [firstPrompt, secondPrompt, repair, replan] = [first[0]!, second[0]!, second[1]!, again[0]!].map(textOf) as [
    string,
    string,
    string,
    string,
  ];
  const shared = sharedStart(firstPrompt, secondPrompt);
  const stable = first[0]!.system.length + first[0]!.messages[0]!.stableLength!;
  return {
    tools: tools.length,
    userKilobytes: kilobytes(first[0]!.messages[0]!.content),
    systemKilobytes: kilobytes(first[0]!.system),
    sharedPercent: Math.floor((100 * shared) / Math.max(firstPrompt.length, secondPrompt.length)),
    repairKeepsPercent: Math.floor((100 * sharedStart(secondPrompt, repair)) / secondPrompt.length),
    replanKeepsPercent: Math.floor((100 * Math.min(stable, sharedStart(firstPrompt, replan))) / stable),
  };
}

/** All prompts of one plan. The model answers prose, then that there is no plan. */
async function promptsOf(of: PlanRequest): Promise<ModelPrompt[]> {
  const prompts: ModelPrompt[] = [];
  const ask: AskModel = async (prompt) => {
    prompts.push(prompt);
    return { text: prompts.length === 1 ? 'I will think about it.' : '{"none": "nothing"}', finish: 'stop' };
  };
  await createModelPlanner({ ask, planning: PLANNING }).plan(of);
  return prompts;
}

const request = (tools: readonly ToolSpec[], intent: string, time: string): PlanRequest => ({
  intent,
  context: `locale=en; asked at ${time}`,
  userId: 'dana@example.com',
  now: `2026-11-25T${time}:00.000Z`,
  tools,
  instructions: [],
  dataKey: '3f8a0d7e1c5b9f2a4d6e8c0b',
  signal: AbortSignal.timeout(60_000),
  check: async () => [],
});

const textOf = ({ system, messages }: ModelPrompt): string =>
  [system, ...messages.map(({ content }) => content)].join('\n');

function sharedStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

const kilobytes = (text: string): number => Math.round(Buffer.byteLength(text) / 102.4) / 10;
