export { type Config, type Env, readEnv, toConfig } from './config.ts';
export { type Service, startService } from './service.ts';
export { ConfigError } from './setting.ts';
