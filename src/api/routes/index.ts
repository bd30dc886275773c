import type { Route } from '../contract/route';
import { linkRoutes, rewardRoutes, tagRoutes } from './judgements';
import { evidenceRoutes, patternRoutes } from './learning';
import { metricRoutes } from './metrics';
import { overviewRoutes } from './overview';
import { spanRoutes, traceRoutes } from './spans';
import { executionRoutes, taskRoutes } from './tasks';

/** The one table of routes: requests are read by it, answers are checked by it, /openapi.json tells it. */
export const routes: readonly Route[] = [
  ...taskRoutes,
  ...executionRoutes,
  ...spanRoutes,
  ...traceRoutes,
  ...rewardRoutes,
  ...linkRoutes,
  ...tagRoutes,
  ...patternRoutes,
  ...evidenceRoutes,
  ...overviewRoutes,
  ...metricRoutes,
];
