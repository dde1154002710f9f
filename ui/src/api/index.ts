export { ApiProvider, useApi } from './context.tsx';
export { createEndpoints, type Endpoints, graphLimit, type Proof, tableLimit } from './endpoints.ts';
export { ApiFailure, type FailureKind } from './failure.ts';
export { type Answer, Http } from './http.ts';
export type * from './responses.ts';
