import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { NotFound } from './shell/not-found';
import { PageError } from './shell/page-error';
import { Shell } from './shell/shell';
import { readTraceSearch } from './trace/trace-search';
import { readListFilter } from './url/list-filter';
import { parseSearch, stringifySearch } from './url/search-params';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const traces = createRoute({
  getParentRoute: () => root,
  path: '/traces',
  validateSearch: readListFilter,
  component: lazyRouteComponent(() => import('./traces/traces-page'), 'TracesPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/traces/$traceId',
  validateSearch: readTraceSearch,
  component: lazyRouteComponent(() => import('./trace/trace-page'), 'TracePage'),
});

export const router = createRouter({
  routeTree: root.addChildren([traces, trace]),
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
