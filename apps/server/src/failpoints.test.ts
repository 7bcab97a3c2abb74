import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ConfigError } from './config/setting.ts';
import { parseFaults } from './failpoints.ts';

describe('parseFaults', () => {
  test('is off unless it is set', () => {
    expect(parseFaults(undefined)).toBeUndefined();
  });

  test('reads failpoints and the seed', () => {
    expect(parseFaults('kill=call.after:0.02, kill=end.after:1,seed=7')).toEqual({
      kill: new Map([
        ['call.after', 0.02],
        ['end.after', 1],
      ]),
      seed: 7,
    });
  });

  test.each([
    'kill=call.after',
    'kill=nowhere:0.1',
    'break=no_approval',
    'kill=call.after:0.02,break=no_fencing',
    'seed=x',
    'kill=end.after:2',
    '',
  ])('refuses "%s", naming the setting', (value) => {
    expect(() => parseFaults(value)).toThrow(ConfigError);
    expect(() => parseFaults(value)).toThrow('ERRAND_FAULTS');
  });
});

describe('createFaults', () => {
  test('kills the process at the named failpoints, with their chance', async () => {
    const program = `
      import { createFaults, parseFaults } from '${new URL('../dist/failpoints.js', import.meta.url).href}';
      process.on('exit', () => console.log('said goodbye'));
      const faults = createFaults(parseFaults('kill=end.after:0,kill=call.after:1'));
      for (const point of ['call.before', 'end.after', 'call.after', 'claim.after']) {
        faults.at(point);
        console.log(point);
      }`;
    const child = fork('-', [], { execArgv: ['--input-type=module', '-e', program], silent: true });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    const [code, signal] = await once(child, 'close');
    expect({ code, signal, said: output }).toEqual({ code: null, signal: 'SIGKILL', said: 'call.before\nend.after\n' });
  });
});
