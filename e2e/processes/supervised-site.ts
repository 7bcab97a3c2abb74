// A site with two processes under a supervisor.
import { readFileSync } from 'node:fs';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { json } from '../fixtures/stub.ts';
import { aSite } from '../trouble/site.ts';

const STEPS = ['a', 'b', 'c', 'd'];

/** The processes under a supervisor. */
export const processesOf = ({ pid }: { pid: number }): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** A site with two processes, and a tool whose calls wait until `release`. */
export async function aSupervisedSite() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const wait = {
    answer: async (response: Parameters<typeof json>[0]) => {
      await released;
      json(response, { done: true });
    },
  };
  const site = await aSite({ operations: { wait }, env: { ERRAND_PROCESSES: '2' } });
  const { id } = site;
  const steps = STEPS.map((step, n) => ({
    id: step,
    tool: `${id}.wait`,
    args: {},
    ...(n > 0 && { dependsOn: [STEPS[n - 1]!] }),
  }));
  const input = aRun({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.wait`, { steps }) });
  return { ...site, supervisor: site.http[0]!, input, release };
}
