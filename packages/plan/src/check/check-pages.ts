import type { Plan, ToolSpec } from '@errand/contracts';
import { itemsPath, pointerInto, put } from '../execute/paged.ts';
import { readsOnly } from '../execute/reads-only.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { checkArgs } from './check-args.ts';
import type { Complaint } from './complaint.ts';

/** How steps read pages: only reads do, their items are at a plain path, and the tool has the argument that leads on. */
export async function checkPages(
  plan: Plan,
  tools: ReadonlyMap<string, ToolSpec>,
  sandbox: Sandbox,
): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  for (const [index, { pages, tool: name, args }] of plan.steps.entries()) {
    if (pages === undefined) continue;
    const at = `/steps/${index}/pages`;
    if (itemsPath(pages.items.$) === undefined) {
      const message = `\`${pages.items.$}\`: items must be a plain path from page, such as page.items; filter what the step gives afterwards.`;
      complaints.push({ pointer: `${at}/items`, message });
    }
    const tool = tools.get(name);
    if (tool?.effect === 'write' && !readsOnly(tool))
      complaints.push({ pointer: at, message: `${name} is a write tool, and only reads have pages.` });
    if (tool === undefined) continue;
    const into = `/steps/${index}/args${pointerInto(pages.into)}`;
    const before = new Set(
      (await checkArgs(args, tool, `/steps/${index}/args`, sandbox)).map(({ pointer }) => pointer),
    );
    const found = await checkArgs(put(args, pages.into, { $: pages.next.$ }), tool, `/steps/${index}/args`, sandbox);
    for (const { pointer, message } of found) {
      if (!before.has(pointer) && (into === pointer || into.startsWith(`${pointer}/`)))
        complaints.push({ pointer: `${at}/into`, message });
    }
  }
  return complaints;
}
