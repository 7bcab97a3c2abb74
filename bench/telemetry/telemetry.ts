// Measures what telemetry adds to a run, by its calls alone: they have no noise of Postgres, of the network and of planning.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../children.ts';
import { type Figures, intervalOfMedian, median, round, type Scenario } from '../figures.ts';
import type { Received } from './collector.ts';
import { MODES, type Mode, type Sample } from './modes.ts';

export const telemetry: Scenario = {
  name: 'telemetry',
  goal: { offUs: '1 % of the processor time of a run of five calls: <= 40', onUs: '<= 300' },
};

const ROUNDS = 20;
/** Runs of a round. */
const RUNS: Readonly<Record<Mode, number>> = { none: 20_000, off: 20_000, unsampled: 20_000, on: 5000, content: 1000 };

type Children = { collector: Child<{ url: string }>; service: Child<object> };

/**
 * What the modes add to a run of five calls: processor time in µs, as the median of the rounds with its interval of 95 %; spans, and bytes
 * that are exported.
 */
export async function measureTelemetry(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-'));
  const log = join(folder, 'telemetry.log');
  const children: Child<unknown>[] = [];
  const start = async <Ready>(program: URL, env = {}) => {
    const child = await startChild<Ready>(program, { log, env });
    children.push(child);
    return child;
  };
  try {
    const collector = await start<{ url: string }>(new URL('./collector.js', import.meta.url));
    const service = await start<object>(new URL('./observed-runs.js', import.meta.url), {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.ready.url,
      // The loop makes spans faster than a service.
      OTEL_BSP_MAX_QUEUE_SIZE: '200000',
    });
    return await measureRounds({ collector, service });
  } finally {
    for (const child of children.reverse()) await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRounds({ collector, service }: Children): Promise<Figures> {
  const samples: Record<Mode, number[]> = { none: [], off: [], unsampled: [], on: [], content: [] };
  const exported: Figures = {};
  for (let i = 0; i <= ROUNDS; i++) {
    for (const mode of MODES) {
      const { cpuUs } = await service.ask<Sample>(`${mode} ${RUNS[mode]}`);
      const received = await collector.ask<Received>('received');
      Object.assign(exported, exportedOf(mode, received));
      // The first round compiles the code.
      if (i > 0) samples[mode].push(cpuUs);
    }
  }
  return { runs: ROUNDS * RUNS.on, ...figuresOf(samples), ...exported };
}

function figuresOf(samples: Record<Mode, number[]>): Figures {
  const ownUs = median(samples.none);
  const figures: Figures = {};
  for (const mode of MODES) {
    const added = mode === 'none' ? samples.none : samples[mode].map((cpuUs) => cpuUs - ownUs);
    figures[`${mode}Us`] = round(median(added));
    figures[`${mode}UsInterval`] = intervalOfMedian(added).map(round);
  }
  return figures;
}

/** @throws Error when spans were lost, because lost spans cost less */
function exportedOf(mode: Mode, { spans, bytes }: Received): Figures {
  const spansOfRun = spans / RUNS[mode];
  if (!Number.isInteger(spansOfRun) || spans > 0 !== (mode === 'on' || mode === 'content'))
    throw new Error(`The collector received ${spans} spans of ${RUNS[mode]} runs in the mode ${mode}.`);
  return spans === 0 ? {} : { [`${mode}Spans`]: spansOfRun, [`${mode}Bytes`]: round(bytes / RUNS[mode]) };
}
