import { useElementSize } from '@mantine/hooks';

export interface IntervalRow {
  name: string;
  rows: number;
  value: number;
  low: number | undefined;
  high: number | undefined;
}

const LEFT = 150;
const RIGHT = 56;
const ROW = 26;

/** Shares with their intervals, a row each, and a line where all of them together are. */
export function IntervalBars(props: {
  rows: IntervalRow[];
  all: number;
  label: string;
  format: (share: number) => string;
}) {
  const { rows, all, label, format } = props;
  const { ref, width: measured } = useElementSize();
  const width = Math.max(280, measured);
  const lows = rows.map(({ low, value }) => low ?? value);
  const from = Math.max(0, Math.floor(Math.min(all, ...lows) * 20 - 0.5) / 20);
  const x = (share: number) => LEFT + ((share - from) / (1 - from)) * (width - LEFT - RIGHT);
  const height = rows.length * ROW + 24;
  return (
    <div ref={ref}>
      <svg className="chart" width={width} height={height} role="img" aria-label={label}>
        <line className="grid" x1={x(all)} x2={x(all)} y1={0} y2={height - 20} strokeWidth={2} />
        {rows.map(({ name, rows: count, value, low = value, high = value }, i) => {
          const y = i * ROW + 14;
          return (
            <g key={name}>
              <title>{`${name}: ${format(value)} (${format(low)} – ${format(high)}), n = ${count}`}</title>
              <text x={0} y={y + 4}>{`${name} (${count})`}</text>
              <line
                x1={x(low)}
                x2={x(high)}
                y1={y}
                y2={y}
                stroke="var(--series-1)"
                strokeWidth={3}
                strokeLinecap="round"
                opacity={0.5}
              />
              <circle cx={x(value)} cy={y} r={5} fill="var(--series-1)" />
              <text x={width} y={y + 4} textAnchor="end">
                {format(value)}
              </text>
            </g>
          );
        })}
        {[from, 1].map((tick) => (
          <text key={tick} x={x(tick)} y={height - 4} textAnchor={tick === 1 ? 'end' : 'start'}>
            {format(tick)}
          </text>
        ))}
      </svg>
    </div>
  );
}
