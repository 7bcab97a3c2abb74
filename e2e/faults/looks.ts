// A model that plans errands of the shape `look`: it reads a list, and then plans what it does with it.
import { type ScriptedModel, startScriptedModel } from '@errand/integrations/testing';
import type { Integrations } from './cluster.ts';
import { planOf } from './plans.ts';

export type Planner = { settings: Record<string, string>; url: string; close: ScriptedModel['close'] };

/** @param integrations the registrations, once there are any */
export async function startPlanner(integrations: () => Integrations): Promise<Planner> {
  const model = await startScriptedModel(({ messages }) => {
    const prompt = messages.map(({ text }) => text).join('\n');
    const [, errand = ''] = /Errand (\w+)/.exec(prompt) ?? [];
    const { result: _, ...plan } = planOf('look', errand, integrations());
    // What was read stands in what the model is told once it was.
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
