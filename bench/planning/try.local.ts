import { createBuiltinPlanner } from '@errand/planner';
import { createSandbox } from '@errand/plan';
import { EvalRunner } from './run-eval.ts';
import { evalSets } from './sets.ts';
const [service, ...intents] = process.argv.slice(2);
const all = evalSets.flatMap(({ services }) => services);
const sandbox = createSandbox();
const planner = createBuiltinPlanner();
const loud = { ...planner, plan: async (r: any) => { if (process.env.FAIL && r.previous) console.log('  PREV', JSON.stringify(r.previous.failures).slice(0,600), Object.keys(r.previous.outputs)); const d: any = await planner.plan({ ...r, check: async (p: any) => { const c = await r.check(p); if (process.env.FAIL && c.length) console.log('  CHECK', JSON.stringify(c).slice(0, 500)); return c; } }); console.log('  PLAN', r.previous?.looked ? 'after look' : r.previous ? 'again' : 'first', d.kind === 'plan' ? (d.plan.then ? `look ${d.plan.steps.map((s: any) => s.tool)} may ${d.plan.mayWrite}` : JSON.stringify(d.plan.steps.map((s: any) => [s.id, s.tool, s.args, s.forEach, s.when])) + ' => ' + JSON.stringify(d.plan.result)) : d.reason.slice(0, 300)); return d; } };
const runner = new EvalRunner(all, loud as any, sandbox);
for (const intent of intents) { console.log('##', intent); const { result, calls, ...r } = await runner.run({ id: 'x', services: [service], intent, expect: {} } as any); console.log('  ->', JSON.stringify(r), JSON.stringify(result)?.slice(0, 400)); }
await runner.close(); sandbox.close?.(); process.exit(0);
