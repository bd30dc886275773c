import type { Route } from '../contract/route';
import { adaptationRoutes } from './adaptations';
import { configurationRoutes } from './configurations';
import { evidenceRoutes } from './evidence';
import { experimentRoutes } from './experiments';
import { linkRoutes, rewardRoutes, tagRoutes } from './judgements';
import { metricRoutes } from './metrics';
import { overviewRoutes } from './overview';
import { patternRoutes } from './patterns';
import { serviceRoutes } from './services';
import { spanRoutes, traceRoutes } from './spans';
import { executionRoutes, taskRoutes } from './tasks';

/** The one table of routes: requests are read by it, answers are checked by it, /openapi.json tells it. */
export const routes: readonly Route[] = [
  ...taskRoutes,
  ...executionRoutes,
  ...spanRoutes,
  ...traceRoutes,
  ...serviceRoutes,
  ...rewardRoutes,
  ...linkRoutes,
  ...tagRoutes,
  ...patternRoutes,
  ...evidenceRoutes,
  ...adaptationRoutes,
  ...experimentRoutes,
  ...configurationRoutes,
  ...overviewRoutes,
  ...metricRoutes,
];
