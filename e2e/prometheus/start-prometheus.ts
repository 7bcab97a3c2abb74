import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';

const INSTALL = 'Install it: apt-get install prometheus (it also brings promtool).';
const rulesFile = fileURLToPath(new URL('../../deploy/prometheus/rules.yml', import.meta.url));

/** Runs promtool. @returns its output @throws with its output if it fails, and with instructions if it is missing */
export async function promtool(...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('promtool', args)).stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    throw new Error(code === 'ENOENT' ? `There is no promtool. ${INSTALL}` : `${stdout}\n${stderr}`);
  }
}

export type Sample = { metric: Record<string, string>; value: [number, string] };

/** Starts Prometheus for one test. It scrapes the target once a second. @returns a function that asks a query */
export async function startPrometheus(target: string): Promise<(expr: string) => Promise<Sample[]>> {
  const dir = await mkdtemp(join(tmpdir(), 'errand-prometheus-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rulesFile],
    scrape_configs: [{ job_name: 'errand', static_configs: [{ targets: [target] }] }],
  };
  // JSON is YAML.
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const args = [
    `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Error(`Prometheus did not start: ${error.message}. ${INSTALL}`)));
    child.once('exit', (code) => reject(new Error(`Prometheus ended with ${code}:\n${log}`)));
  });
  failed.catch(() => {});
  onTestFinished(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  });
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    while (!(await fetch(`${url}/-/ready`).catch(() => undefined))?.ok) await new Promise((go) => setTimeout(go, 100));
  };
  await Promise.race([ready(), failed]);
  return async (expr) => {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expr })}`);
    const { status, data, error } = (await response.json()) as {
      status: string;
      data: { result: Sample[] };
      error: string;
    };
    if (status !== 'success') throw new Error(`${expr}: ${error}`);
    return data.result;
  };
}
