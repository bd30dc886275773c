import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { readCompareSearch } from './compare/compare-search';
import { readFindingsSearch } from './findings/findings-search';
import { HomePage } from './home/home-page';
import { readHomeSearch } from './home/home-search';
import { readMetricsSearch } from './metrics/metrics-search';
import { lazyPage } from './shell/lazy-page';
import { NotFound } from './shell/not-found';
import { PageError } from './shell/page-error';
import { Shell } from './shell/shell';
import { readTasksSearch } from './tasks/tasks-search';
import { readTraceSearch } from './trace/trace-search';
import { readListFilter } from './url/list-filter';
import { parseSearch, stringifySearch } from './url/search-params';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readHomeSearch,
  // With the first load, since it is what most people open: no second round of files before its numbers.
  component: HomePage,
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: '/tasks',
  validateSearch: readTasksSearch,
  component: lazyPage(() => import('./tasks/tasks-page'), 'TasksPage'),
});

const task = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$taskId',
  validateSearch: readCompareSearch,
  component: lazyPage(() => import('./task/task-page'), 'TaskPage'),
});

const session = createRoute({
  getParentRoute: () => root,
  path: '/sessions/$sessionId',
  validateSearch: readCompareSearch,
  component: lazyPage(() => import('./session/session-page'), 'SessionPage'),
});

const execution = createRoute({
  getParentRoute: () => root,
  path: '/executions/$executionId',
  component: lazyPage(() => import('./executions/execution-page'), 'ExecutionPage'),
});

const findings = createRoute({
  getParentRoute: () => root,
  path: '/findings',
  validateSearch: readFindingsSearch,
  component: lazyPage(() => import('./findings/findings-page'), 'FindingsPage'),
});

const finding = createRoute({
  getParentRoute: () => root,
  path: '/findings/$findingId',
  component: lazyPage(() => import('./findings/finding-page'), 'FindingPage'),
});

const differences = createRoute({
  getParentRoute: () => root,
  path: '/differences',
  validateSearch: readCompareSearch,
  component: lazyPage(() => import('./differences/differences-page'), 'DifferencesPage'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  validateSearch: readCompareSearch,
  component: lazyPage(() => import('./compare/compare-page'), 'ComparePage'),
});

const metrics = createRoute({
  getParentRoute: () => root,
  // `/metrics` is Prometheus'.
  path: '/series',
  validateSearch: readMetricsSearch,
  component: lazyPage(() => import('./metrics/metrics-page'), 'MetricsPage'),
});

const adaptations = createRoute({
  getParentRoute: () => root,
  path: '/adaptations',
  component: lazyPage(() => import('./adaptations/adaptations-page'), 'AdaptationsPage'),
});

const adaptation = createRoute({
  getParentRoute: () => root,
  path: '/adaptations/$adaptationId',
  component: lazyPage(() => import('./adaptations/adaptation-page'), 'AdaptationPage'),
});

const experiments = createRoute({
  getParentRoute: () => root,
  path: '/experiments',
  component: lazyPage(() => import('./experiments/experiments-page'), 'ExperimentsPage'),
});

const experiment = createRoute({
  getParentRoute: () => root,
  path: '/experiments/$experimentId',
  component: lazyPage(() => import('./experiments/experiment-page'), 'ExperimentPage'),
});

const health = createRoute({
  getParentRoute: () => root,
  path: '/health',
  component: lazyPage(() => import('./health/health-page'), 'HealthPage'),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: '/traces',
  validateSearch: readListFilter,
  component: lazyPage(() => import('./traces/traces-page'), 'TracesPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/traces/$traceId',
  validateSearch: readTraceSearch,
  component: lazyPage(() => import('./trace/trace-page'), 'TracePage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    tasks,
    task,
    session,
    execution,
    traces,
    trace,
    findings,
    finding,
    differences,
    compare,
    metrics,
    adaptations,
    adaptation,
    experiments,
    experiment,
    health,
  ]),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: PageError,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
