import { getRouteApi } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import type { TraceJson } from '../../wire';
import { getJson } from '../api/http';
import { usePageTitle } from '../ui/page-title';
import { Message } from '../ui/message';
import { QueryView } from '../ui/query-view';
import { FlameChart } from './flame-chart';
import { Minimap } from './minimap';
import { SpanPanel } from './span-panel';
import { TraceHeader } from './trace-header';
import { makeTraceModel } from './trace-model';
import type { TraceModel } from './trace-model';
import { TraceToolbar } from './trace-toolbar';
import { useTraceCommands } from './use-trace-commands';
import { useTraceView } from './use-trace-view';
import { Waterfall } from './waterfall';
import classes from './trace.module.css';

const route = getRouteApi('/traces/$traceId');

export function TracePage() {
  const { traceId } = route.useParams();
  usePageTitle(`Trace ${traceId.slice(0, 8)}`);
  const query = useQuery({
    queryKey: ['trace', traceId],
    // The answer itself is let go: of a large trace it is most of what the page would hold.
    queryFn: async ({ signal }) =>
      makeTraceModel(await getJson<TraceJson>(`/traces/${traceId}`, {}, signal)),
    structuralSharing: false,
  });
  return (
    <QueryView
      page
      query={query}
      isEmpty={(model) => model.totals.spans === 0}
      empty={<Message page title="This trace has no spans" detail={traceId} />}
    >
      {(model) => <Trace model={model} />}
    </QueryView>
  );
}

function Trace({ model }: { readonly model: TraceModel }) {
  const { view, window } = useTraceView(model);
  useTraceCommands(model, view, window);
  return (
    <div className={classes.page}>
      <TraceHeader model={model} />
      <TraceToolbar model={model} view={view} window={window} />
      <div className={classes.body}>
        <div className={classes.picture}>
          {view.name !== 'aggregated' && <Minimap model={model} view={view} window={window} />}
          {view.name === 'waterfall' ? (
            <Waterfall model={model} view={view} axis={window.axis} />
          ) : (
            <FlameChart model={model} view={view} axis={window.axis} mode={view.name} />
          )}
        </div>
        {view.selected !== null && <SpanPanel model={model} view={view} index={view.selected} />}
      </div>
    </div>
  );
}
