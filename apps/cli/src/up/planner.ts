// The selected planner, and how to set a model.

/** Key variables of providers, with the settings of their models. */
const KEYS = {
  OPENAI_API_KEY: { provider: 'openai', model: 'gpt-5-mini' },
  ANTHROPIC_API_KEY: { provider: 'anthropic', model: 'claude-sonnet-4-5' },
  GEMINI_API_KEY: { provider: 'google', model: 'gemini-2.5-flash' },
};

/** Names the planner and, without a model, the settings that select one. Names a key of the environment and never shows it. */
export function planning(env: NodeJS.ProcessEnv): string {
  const { ERRAND_MODEL: model, ERRAND_MODEL_PROVIDER: provider } = env;
  if (model && provider) return `Planner        the model ${model} (${provider})`;
  const keyEntry = Object.entries(KEYS).find(([name]) => env[name]);
  const [name, settings] = keyEntry ?? ['', KEYS.OPENAI_API_KEY];
  const how = keyEntry
    ? `${name} is set. It is used only if you say so. Stop, set these, and start again:`
    : 'To plan with a model, stop, set these, and start again:';
  return `Planner        the built-in one, without a model: plain requests in the words of the tools
               ${how}

export ERRAND_MODEL_PROVIDER=${settings.provider}
export ERRAND_MODEL=${settings.model}
export ERRAND_MODEL_API_KEY=${keyEntry ? `"$${name}"` : 'sk-…'}`;
}
