export { hostileCalls } from './hostile-calls.ts';
export { childrenOf, isAlive, processorMs } from './processes.ts';
