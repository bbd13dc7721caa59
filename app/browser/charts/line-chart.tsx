import { useElementSize } from '@mantine/hooks';
import { niceTicks } from './ticks.js';

export interface Series {
  name: string;
  /** 1 or 2: colors of the page's style sheet. */
  color: 1 | 2;
  points: { step: number; value: number }[];
  /** Few points: each is marked. */
  marked?: boolean;
  /** Many noisy points: a smoothed line over the faint real one. */
  smoothed?: boolean;
}

const HEIGHT = 250;
const LEFT = 44;
const RIGHT = 12;
const TOP = 26;
const BOTTOM = 36;

/** Curves over steps, with a legend. `label` says in words what is to be seen. */
export function LineChart(props: { series: Series[]; label: string; xLabel: string }) {
  const { ref, width: measured } = useElementSize();
  const width = Math.max(280, measured);
  const series = props.series.filter(({ points }) => points.length > 0);
  const all = series.flatMap(({ points }) => points);
  const xs = all.map(({ step }) => step);
  const ys = all.map(({ value }) => value).filter(Number.isFinite);
  const xTicks = niceTicks(0, Math.max(1, ...xs), width < 400 ? 4 : 6);
  const yTicks = niceTicks(Math.min(...ys, Number.POSITIVE_INFINITY), Math.max(...ys), 5);
  const [x0, x1] = [0, Math.max(1, ...xs)];
  const [y0, y1] = [yTicks[0]!, yTicks.at(-1)!];
  const x = (step: number) => LEFT + ((step - x0) / (x1 - x0)) * (width - LEFT - RIGHT);
  const y = (value: number) =>
    HEIGHT - BOTTOM - ((value - y0) / (y1 - y0 || 1)) * (HEIGHT - TOP - BOTTOM);
  const digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(yTicks[1]! - yTicks[0]! || 1))));
  const line = (points: Series['points']) =>
    points
      .filter(({ value }) => Number.isFinite(value))
      .map(({ step, value }, k) => `${k === 0 ? 'M' : 'L'}${x(step)},${y(value)}`)
      .join('');
  return (
    <div ref={ref}>
      <svg
        className="chart"
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={[props.label, ...series.map(lastValue)].join(', ')}
      >
        {yTicks.map((tick) => (
          <g key={tick}>
            <line className="grid" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
              {tick.toFixed(digits)}
            </text>
          </g>
        ))}
        {xTicks
          .filter((tick) => tick <= x1)
          .map((tick) => (
            <text key={tick} x={x(tick)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">
              {tick}
            </text>
          ))}
        <text x={width - RIGHT} y={HEIGHT - 2} textAnchor="end">
          {props.xLabel}
        </text>
        {series.map(({ name, color, points, marked, smoothed }, i) => (
          <g key={name}>
            {smoothed && <path stroke={`var(--series-${color})`} opacity={0.25} d={line(points)} />}
            <path stroke={`var(--series-${color})`} d={line(smoothed ? smooth(points) : points)} />
            {marked &&
              points.map(({ step, value }) => (
                <circle
                  key={step}
                  cx={x(step)}
                  cy={y(value)}
                  r={3.5}
                  fill={`var(--series-${color})`}
                />
              ))}
            <rect
              x={LEFT + i * 130}
              y={6}
              width={14}
              height={4}
              rx={2}
              fill={`var(--series-${color})`}
            />
            <text x={LEFT + i * 130 + 20} y={12}>
              {name}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Exponential moving average, corrected for its start (as Adam's moments are). */
function smooth(points: Series['points'], weight = 0.9): Series['points'] {
  let sum = 0;
  let total = 0;
  return points.map(({ step, value }) => {
    if (Number.isFinite(value)) {
      sum = weight * sum + (1 - weight) * value;
      total = weight * total + (1 - weight);
    }
    return { step, value: sum / (total || 1) };
  });
}

function lastValue({ name, points }: Series): string {
  const last = points.at(-1)!;
  return `${name} ${last.value.toPrecision(3)}`;
}
