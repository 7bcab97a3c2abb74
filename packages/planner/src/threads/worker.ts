// Entry of a thread in which plans are made: it may be killed at any moment. What it needs of the service it asks for, and waits.
import { parentPort, workerData } from 'node:worker_threads';
import { currentThread, processorMsOf } from '@errand/basics/processor-time';
import { addUsage, ModelFailure, type PlanDraft, type ToolSpec } from '@errand/contracts';
import type { AskModel } from '@errand/ports/model';
import type { Planner } from '@errand/ports/planner';
import { indexTools, searchTools } from '../search/search-tools.ts';
import { KeptTools } from './kept-tools.ts';
import type {
  Answered,
  Asked,
  CrossingRequest,
  CrossingSearch,
  FromThread,
  PlannerChoice,
  ToolHit,
  ToThread,
} from './protocol.ts';

type Waiting = { answer: (answer: Answered) => void; fail: (error: Error) => void };

const port = parentPort;
if (port === null) throw new Error('This is the entry of a thread; call createPlannerThreads() instead.');

const { model } = workerData as PlannerChoice;
const thread = currentThread();
const kept = new KeptTools();
const stops = new Map<number, AbortController>();
const waiting = new Map<number, Waiting>();
const say = (message: FromThread) => port.postMessage(message);

function ask(job: number, asked: Asked): Promise<Answered> {
  return new Promise((answer, fail) => {
    waiting.set(job, { answer, fail });
    say({ say: 'asks', job, asked: JSON.stringify(asked) });
  });
}

/** The model, as the service reaches it. */
const askModel =
  (job: number): AskModel =>
  async ({ signal: _, ...prompt }, usage) => {
    const answered = await ask(job, { model: prompt });
    if ('complaints' in answered) throw new Error('The model was asked and a checker answered.');
    addUsage(usage, answered.usage);
    if ('failed' in answered) throw new ModelFailure(answered.failed.message, answered.failed);
    return answered.model;
  };

type PlannerOf = (job: number, tools: readonly ToolSpec[]) => Planner;

/** Loads the planner that is asked for alone: each is hundreds of kilobytes of words or prompts. It reads the tools before it plans. */
async function load(): Promise<PlannerOf> {
  if (model) {
    const { planWithModel } = await import('../model/plan.ts');
    return (job) => ({ plan: (request) => planWithModel(request, askModel(job), model) });
  }
  const { createBuiltinPlanner } = await import('../builtin/builtin-planner.ts');
  const { catalogOf } = await import('../builtin/tools/catalog.ts');
  return (_, tools) => {
    catalogOf(tools);
    return createBuiltinPlanner();
  };
}

const plannerOf = await load();

/** Tools of a job, indexed. */
function toolsOf(keys: readonly string[]): readonly ToolSpec[] {
  const tools = kept.of(keys);
  indexTools(tools);
  return tools;
}

const indexed = (job: number) => say({ say: 'indexed', job, processorMs: processorMsOf(thread) });

type Work = ToThread & { do: 'plan' | 'search' };

async function plan({ job, keys, request }: Work): Promise<PlanDraft> {
  const stop = new AbortController();
  stops.set(job, stop);
  const tools = toolsOf(keys);
  const planner = plannerOf(job, tools);
  indexed(job);
  return planner.plan({
    ...(JSON.parse(request) as CrossingRequest),
    tools,
    signal: stop.signal,
    check: async (made) => {
      const answered = await ask(job, { check: made });
      return 'complaints' in answered ? answered.complaints : [];
    },
  });
}

async function search({ job, keys, request }: Work): Promise<ToolHit[]> {
  const tools = toolsOf(keys);
  indexed(job);
  const { text, limit } = JSON.parse(request) as CrossingSearch;
  return searchTools(tools, text, limit).map(({ tool: { name }, score }) => ({ name, score }));
}

function end(job: number): void {
  stops.delete(job);
  waiting.delete(job);
}

port.on('message', (message: ToThread) => {
  switch (message.do) {
    case 'keep':
      return kept.add(message.key, message.texts);
    case 'drop':
      return kept.drop(message.key);
    case 'plan':
    case 'search': {
      const { job } = message;
      return void (message.do === 'plan' ? plan(message) : search(message))
        .then(
          (result) => say({ say: 'ends', job, result: JSON.stringify(result) }),
          (error) => say({ say: 'breaks', job, message: error instanceof Error ? error.message : String(error) }),
        )
        .finally(() => end(job));
    }
    case 'answer': {
      const one = waiting.get(message.job);
      waiting.delete(message.job);
      return one?.answer(JSON.parse(message.answer) as Answered);
    }
    case 'stop': {
      const one = waiting.get(message.job);
      stops.get(message.job)?.abort();
      one?.fail(new ModelFailure('Planning was aborted.', { retryable: true }));
      return end(message.job);
    }
  }
});
say({ say: 'ready', thread });
