import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { IntervalPlot } from '../ui/interval-plot';
import type { AgentRow } from './describe-agent';
import { agentFigures, describeAgent, describeWork } from './describe-agent';
import classes from './home.module.css';

interface AgentCardProps {
  readonly row: AgentRow;
  readonly before: AgentRow | undefined;
}

/** One agent: a sentence, its success with the interval, and its figures against the time before. */
export function AgentCard({ row, before }: AgentCardProps) {
  const figures = agentFigures(row, before);
  return (
    <article className={classes.card}>
      <h2 className={classes.agent}>
        {row.agent_id === null ? (
          'Agent not said'
        ) : (
          <Link to="/tasks" search={{ agent_id: row.agent_id }}>
            {row.agent_id}
          </Link>
        )}
      </h2>
      <Text size="sm" mb={8} className="untrusted">
        It {describeAgent(row)} {describeWork(row)}
      </Text>
      {row.success_rate !== null && (
        <>
          <IntervalPlot
            estimate={row.success_rate}
            interval={row.success_rate_interval}
            from={0}
            to={1}
            label="Success rate with its interval, from 0 to 100 %"
          />
          <div className={classes.ends} aria-hidden>
            <span>0 %</span>
            <span>success</span>
            <span>100 %</span>
          </div>
        </>
      )}
      <dl className={classes.figures}>
        {figures.map(({ name, now, change }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {now}
              {change !== null && <small>{change}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </article>
  );
}
