// A model that plans errands of the shape `look`: it reads a list, and then plans with its items.
import { type ScriptedModel, startScriptedModel } from '@errand/integrations/testing';
import type { Integrations } from './plans.ts';
import { planOf } from './plans.ts';

export type Planner = { settings: Record<string, string>; url: string; close: ScriptedModel['close'] };

/** @param integrations the registrations, once there are any */
export async function startPlanner(integrations: () => Integrations): Promise<Planner> {
  const model = await startScriptedModel(({ messages }) => {
    const prompt = messages.map(({ text }) => text).join('\n');
    const [, errand = ''] = /Errand (\w+)/.exec(prompt) ?? [];
    const { result: _, ...plan } = planOf('look', errand, integrations());
    // After the read, the prompt contains its output.
    if (/"amount": ?\d/.test(prompt)) return { json: { ...plan, result: { items: { $: 'steps.list.output.items' } } } };
    const looks = plan.steps.filter(({ id }) => id === 'list');
    return { json: { ...plan, steps: looks, then: 'plan', mayWrite: [`${integrations().notes}.addNote`] } };
  });
  return {
    settings: {
      ERRAND_MODEL_PROVIDER: 'openai-compatible',
      ERRAND_MODEL: 'scripted',
      ERRAND_MODEL_BASE_URL: model.url,
      ERRAND_MODEL_API_KEY: 'sk-scripted',
    },
    url: model.url,
    close: () => model.close(),
  };
}
