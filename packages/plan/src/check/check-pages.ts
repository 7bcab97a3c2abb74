import type { Plan, ToolSpec } from '@errand/contracts';
import { itemsPath, type PagedStep, pointerInto, put } from '../reading/paged.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { readsOnly } from '../tools/reads-only.ts';
import { checkArgs } from './check-args.ts';
import type { Complaint } from './complaint.ts';

/** Only reads may have pages, their items must be at a plain path, and the tool must have the argument for the next page. */
export async function checkPages(
  plan: Plan,
  tools: ReadonlyMap<string, ToolSpec>,
  sandbox: Sandbox,
): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  for (const [index, step] of plan.steps.entries()) {
    const { pages, tool: name } = step;
    if (pages === undefined) continue;
    const pointer = `/steps/${index}`;
    if (itemsPath(pages.items.$) === undefined) {
      const message = `\`${pages.items.$}\`: items must be a plain path from page, such as page.items; filter what the step gives afterwards.`;
      complaints.push({ pointer: `${pointer}/pages/items`, message });
    }
    const tool = tools.get(name);
    if (tool === undefined) continue;
    if (tool.effect === 'write' && !readsOnly(tool))
      complaints.push({ pointer: `${pointer}/pages`, message: `${name} is a write tool, and only reads have pages.` });
    const messages = await leadOnMessages({ ...step, pages }, tool, sandbox);
    complaints.push(...messages.map((message) => ({ pointer: `${pointer}/pages/into`, message })));
  }
  return complaints;
}

/** Why the tool rejects the cursor: the complaints about its argument that occur only with it. */
async function leadOnMessages({ args, pages }: PagedStep, tool: ToolSpec, sandbox: Sandbox): Promise<string[]> {
  const into = pointerInto(pages.into);
  const before = new Set((await checkArgs(args, tool, '', sandbox)).map(({ pointer }) => pointer));
  const withPlace = await checkArgs(put(args, pages.into, { $: pages.next.$ }), tool, '', sandbox);
  return withPlace.flatMap(({ pointer, message }) =>
    !before.has(pointer) && (into === pointer || into.startsWith(`${pointer}/`)) ? [message] : [],
  );
}
