export { type Config, type Env, readEnv, toConfig } from './config/config.ts';
export { ConfigError } from './config/setting.ts';
export { holdPort } from './http/port.ts';
export { type Service, startService } from './start/service.ts';
