import { Code, Text } from '@mantine/core';
import { CopyIcon } from '../ui/copy';
import { PageLayout } from '../ui/page-layout';
import { Section } from '../ui/section';
import classes from './home.module.css';

/** For an empty database: three ways in, to copy; the page goes on by itself with the first span. */
export function FirstSteps() {
  const { origin } = window.location;
  const ways = [
    {
      title: 'You have an agent with OpenTelemetry',
      note: 'Point its exporter here; Jaeger and others beside it keep working.',
      code: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${origin}/v1/traces node agent.js`,
    },
    {
      title: 'You have an agent without it',
      note: 'Two lines in Node.',
      code: "import { withEvolutionTracking } from 'otel-evolution';\nexport const agent = withEvolutionTracking(myAgent);",
    },
    {
      title: 'You have runs in files, or want to see it first',
      note: 'OTLP, tau-bench, Langfuse, Jaeger and Zipkin files; or the demo.',
      code: 'npx otel-evolution import runs.json.gz\nnpx otel-evolution demo',
    },
  ];
  return (
    <PageLayout title="Nothing is stored yet">
      <Text mb="lg" maw={720}>
        Send the spans of an agent, say how its runs went, and read here what makes them succeed.
        Three ways in:
      </Text>
      <div className={classes.ways}>
        {ways.map(({ title, note, code }) => (
          <Section key={title} title={title} note={note}>
            <div className={classes.code}>
              <Code block>{code}</Code>
              <span className={classes.copy}>
                <CopyIcon value={code} what="command" />
              </span>
            </div>
          </Section>
        ))}
      </div>
      <div className={classes.waiting} role="status">
        <span className={classes.pulse} aria-hidden />
        Waiting for the first span…
      </div>
    </PageLayout>
  );
}
