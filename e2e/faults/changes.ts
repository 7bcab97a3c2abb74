// Failovers and switchovers, and what clients see of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Errand, postOnce } from './clients.ts';
import type { Member } from './cluster.ts';
import type { Site } from './moments.ts';
import type { ChangeRequest, ChangeTimes } from './pair.ts';

/** An answer of `/readyz` while no primary could be reached. */
export type Readiness = { name: string; askedAt: number; status: number };

/** A change of the primary, as clients saw it. */
export type ServerChange = ChangeRequest &
  ChangeTimes & {
    readiness: readonly Readiness[];
    /** For each process that answers requests: when it accepted an errand under the new primary, if it did. */
    accepted: readonly { name: string; at: number | undefined }[];
  };

/** How long a process is asked to accept an errand once commits are possible, in ms: on a busy machine a quarter of it counts. */
const PATIENCE_MS = 120_000;
const GAP_MS = 250;
/** Between two looks at the readiness of a process, in ms. */
const READY_GAP_MS = 100;
/** Answers to new runs of which the standby of an asynchronous pair knows nothing. */
const ACKNOWLEDGED = 5;

/** Changes the primary, asks for the readiness of all processes meanwhile, and for a first success afterwards. */
export async function changePrimary(site: Site, request: ChangeRequest): Promise<ServerChange> {
  const { pair, http } = site.cluster;
  if (!pair) throw new Error('there is one server only');
  // A list of hosts leads to the new primary at once, the address perhaps later.
  const stops = { hosts: new AbortController(), address: new AbortController() };
  let polling: Promise<Readiness[][]> = Promise.resolve([]);
  let accepting: Promise<ServerChange['accepted']> = Promise.resolve([]);
  const giveUp = new AbortController();
  const times = await pair.change(request, {
    onCutOff: () => untilAcknowledged(site),
    onGone: () => {
      polling = Promise.all(
        http.map((member) => pollReadiness(member, stops[member.hasHosts ? 'hosts' : 'address'].signal)),
      );
    },
    onPromoting: () => stops.hosts.abort(),
    onLed: () => {
      stops.address.abort();
      accepting = Promise.all(http.map((member) => untilAccepted(site, member, giveUp.signal)));
    },
    onPaired: () => {
      // Commits may have waited for the second copy until now.
      const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
      return accepting.finally(() => clearTimeout(timer));
    },
  });
  return { ...request, ...times, readiness: (await polling).flat(), accepted: await accepting };
}

/** Resolves once clients know of more runs. */
async function untilAcknowledged({ history }: Site): Promise<void> {
  const count = () =>
    history.entries.filter(({ operation, moment }) => operation === 'create' && moment === 'ok').length;
  const before = count();
  for (const end = Date.now() + PATIENCE_MS; count() < before + ACKNOWLEDGED && Date.now() < end; ) await sleep(GAP_MS);
}

/** Answers that arrive after the signal do not count: the process may reach the new primary then. */
async function pollReadiness({ service }: Member, stop: AbortSignal): Promise<Readiness[]> {
  const answers: Readiness[] = [];
  while (!stop.aborted) {
    const askedAt = Date.now();
    const answer = await fetch(`${service.url}/readyz`, { signal: stop }).catch(() => undefined);
    if (answer && !stop.aborted) answers.push({ name: service.name, askedAt, status: answer.status });
    await answer?.body?.cancel().catch(() => {});
    await sleep(READY_GAP_MS, undefined, { signal: stop }).catch(() => {});
  }
  return answers;
}

/** Resolves once the process accepted this errand, or that of another client. */
async function untilAccepted(
  site: Site,
  member: Member,
  giveUp: AbortSignal,
): Promise<ServerChange['accepted'][number]> {
  const { name, url } = member.service;
  const errand: Errand = { name: `first${site.errands.length}`, shape: 'reads', strategy: 'NONE', userId: 'user-1' };
  site.errands.push(errand);
  const { entries } = site.history;
  const from = entries.length;
  for (; !giveUp.aborted; await sleep(GAP_MS)) {
    const answer = await postOnce(site.cluster, site.history, errand, url);
    if (answer?.status === 201) errand.runId = (JSON.parse(answer.text) as { runId: string }).runId;
    const accepted = entries.slice(from).find((entry) => entry.url === url && entry.moment === 'ok');
    if (accepted) return { name, at: accepted.at };
  }
  return { name, at: undefined };
}
