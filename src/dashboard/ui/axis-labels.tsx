import { useElementSize } from '@mantine/hooks';
import type { TimeAxis } from '../trace-layout/time-axis';
import { fittingLabels } from '../trace-layout/time-axis';

interface AxisLabelsProps {
  readonly axis: TimeAxis;
  readonly ticks: readonly number[];
  readonly textOf: (tick: number) => string;
  readonly className: string | undefined;
  readonly tickClassName?: string | undefined;
}

/** Pixels of a character of 12 px, and of what surrounds a label. */
const characterWidth = 7.2;
const padding = 10;

/** Times along an axis, those for which there is room. */
export function AxisLabels({ axis, ticks, textOf, className, tickClassName }: AxisLabelsProps) {
  const { ref, width } = useElementSize();
  const labels = ticks.map((tick) => {
    const text = textOf(tick);
    const length = text.length * characterWidth + padding;
    return { tick, text, length, left: axis.place(tick) * width };
  });
  return (
    <div ref={ref} className={className}>
      {fittingLabels(labels, width).map(({ tick, text }) => (
        <span key={tick} className={tickClassName} style={{ left: `${axis.place(tick) * 100}%` }}>
          {text}
        </span>
      ))}
    </div>
  );
}
