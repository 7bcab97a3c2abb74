export { hostileCalls } from './hostile-calls.ts';
export { childrenOf, endedChildrenMs, isAlive, processorMs } from './processes.ts';
