export { collectNode, nodeCollectors, openHost, type Host, type HostPaths, type NodeCollector } from './node/index.ts';
