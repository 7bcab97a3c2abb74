import type { Setting } from '@errand/contracts';
import { declarations, type Env, type VariableName } from './settings.ts';

/** The settings of this process, without secrets. @param role the argument of the command line, which has priority */
export const describeSettings = (env: Env, role?: string): Setting[] =>
  declarations.map(({ name, group, description, shows, default: preset, unit }) => {
    const text = name === 'ERRAND_ROLE' ? (role ?? env[name]) : env[name];
    const source = sourceOf(name, { text, preset, role });
    const value = text ?? preset;
    const visibleValue =
      value === undefined || shows === 'nothing' ? undefined : shows === 'url' ? withoutUser(value) : value;
    return {
      name,
      group,
      description,
      source,
      isSet: source === 'environment' || source === 'argument' || source === 'file',
      isSecret: shows === 'nothing',
      ...(visibleValue !== undefined && { value: visibleValue }),
      ...(preset !== undefined && { default: preset }),
      ...(unit !== undefined && { unit }),
    };
  });

type Values = { text: string | undefined; preset: string | undefined; role: string | undefined };

function sourceOf(name: VariableName, { text, preset, role }: Values): Setting['source'] {
  if (name === 'ERRAND_ROLE' && role !== undefined) return 'argument';
  if (text !== undefined) return 'environment';
  if (name === 'ERRAND_MASTER_KEYS') return 'file';
  return preset === undefined ? 'none' : 'default';
}

/** An http(s) URL without user and password; undefined for another text, which may contain them. */
function withoutUser(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username || url.password ? Object.assign(url, { username: '', password: '' }).href : text;
}
