/**
 * Draws what compare.ts has measured: docs/performance.svg, a pair of bars for each cell.
 *
 * usage: npm run bench:plot
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Row {
  cell: string;
  ml4_seconds: number;
  torch_seconds: number;
  ratio: number;
}

const root = join(import.meta.dirname, '../../..');
const ROW = 34;
const LEFT = 170;
const WIDTH = 760;
const ORDER = ['full', '2', 'cached2', 'infer'];
const LABELS: Record<string, string> = {
  full: 'all layers',
  2: 'top 2 layers',
  cached2: 'top 2, later epochs',
  infer: 'inference',
};

async function rowsOf(precision: string): Promise<Row[]> {
  const file = join(root, 'benchmarks/train', `${precision}.json`);
  const text = await readFile(file, 'utf8').catch(() => '{"results":{}}');
  const rows = Object.values(JSON.parse(text).results as Record<string, Row>);
  const shapes = ['32x32', '32x64', '16x128'];
  const place = ({ cell }: Row) => {
    const [what = '', shape = ''] = cell.split(':');
    return 10 * ORDER.indexOf(what) + shapes.indexOf(shape);
  };
  return rows.filter((row) => place(row) >= 0).sort((a, b) => place(a) - place(b));
}

function label(cell: string, precision: string): string {
  const [what = '', shape = ''] = cell.split(':');
  return `${LABELS[what]} ${shape.replace('x', '×')}${precision === 'fp32' ? ' fp32' : ''}`;
}

const rows = [
  ...(await rowsOf('bf16')).map((row) => ({ ...row, precision: 'bf16' })),
  ...(await rowsOf('fp32')).map((row) => ({ ...row, precision: 'fp32' })),
];
const longest = Math.max(...rows.map((row) => Math.max(row.ml4_seconds, row.torch_seconds)));
const scale = (WIDTH - LEFT - 110) / longest;
const bars = rows.map((row, i) => {
  const y = 40 + i * ROW;
  const bar = (seconds: number, top: number, color: string) =>
    `<rect x="${LEFT}" y="${top}" width="${(seconds * scale).toFixed(1)}" height="12" fill="${color}"/>` +
    `<text x="${(LEFT + seconds * scale + 5).toFixed(1)}" y="${top + 10}">${seconds.toFixed(2)} s</text>`;
  return (
    `<text x="${LEFT - 8}" y="${y + 17}" text-anchor="end">${label(row.cell, row.precision)}</text>` +
    bar(row.ml4_seconds, y, '#2f6fde') +
    bar(row.torch_seconds, y + 13, '#b8b8b8') +
    `<text x="${WIDTH - 6}" y="${y + 17}" text-anchor="end" font-weight="bold">${row.ratio.toFixed(2)}</text>`
  );
});
const height = 50 + rows.length * ROW;
await writeFile(
  join(root, 'docs/performance.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="#444">
<title>Seconds a step of ml4 and of PyTorch</title>
<rect width="100%" height="100%" fill="white"/>
<text x="${LEFT}" y="22"><tspan fill="#2f6fde">■</tspan> ml4  <tspan fill="#b8b8b8">■</tspan> PyTorch: seconds a step, and their ratio (median of pairs)</text>
${bars.join('\n')}
</svg>
`,
);
