import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createFaults, parseFaults } from './faults.ts';
import { ConfigError } from './setting.ts';

describe('parseFaults', () => {
  test('is off unless it is set', () => {
    expect(parseFaults(undefined)).toBeUndefined();
  });

  test('reads places, rules and the seed', () => {
    expect(parseFaults('kill=call.after:0.02, kill=end.after:1, break=no_fencing,seed=7')).toEqual({
      kill: new Map([
        ['call.after', 0.02],
        ['end.after', 1],
      ]),
      broken: { fencing: true, intent: false, approval: false, denial: false },
      seed: 7,
    });
  });

  test.each([
    'kill=call.after',
    'kill=nowhere:0.1',
    'break=all',
    'seed=x',
    'kill=end.after:2',
    'break=no_intent:1',
    '',
  ])('refuses "%s", naming the setting', (value) => {
    expect(() => parseFaults(value)).toThrow(ConfigError);
    expect(() => parseFaults(value)).toThrow('ERRAND_FAULTS');
  });
});

describe('createFaults', () => {
  test('goes on at places that are not named, and at those whose chance did not come', () => {
    const faults = createFaults(parseFaults('kill=end.after:0,break=no_intent')!);
    faults.at('call.before');
    faults.at('end.after');
    expect(faults.broken).toEqual({ fencing: false, intent: true, approval: false, denial: false });
  });

  test('ends the process where it stands', async () => {
    const program = `
      import { createFaults, parseFaults } from '${new URL('../dist/faults.js', import.meta.url).href}';
      process.on('exit', () => console.log('said goodbye'));
      createFaults(parseFaults('kill=call.after:1')).at('call.after');
      console.log('went on');`;
    const child = fork('-', [], { execArgv: ['--input-type=module', '-e', program], silent: true });
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += chunk;
    });
    const [code, signal] = await once(child, 'close');
    expect({ code, signal, said }).toEqual({ code: null, signal: 'SIGKILL', said: '' });
  });
});
