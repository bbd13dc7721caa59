import { Agent, request } from 'node:http';

/** Parts of reviews of our own making: 4 to 30 words, some 20 tokens on average, as NSMC's have. */
const PARTS = [
  '배우들 연기가 정말 훌륭했고',
  '이야기가 너무 지루해서',
  '음악은 기억에 남지만',
  '결말이 조금 아쉽네요',
  '다시 보고 싶은 영화입니다',
  '두 시간이 아까웠다',
];

export function reviews(count: number): string[] {
  let state = 7;
  const next = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % n;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(4) * next(2) + next(2) }, () => PARTS[next(PARTS.length)]).join(
      ' ',
    ),
  );
}

export interface Load {
  requestsPerSecond: number;
  /** Milliseconds. */
  median: number;
  p95: number;
  p99: number;
}

/** Clients that each ask again as soon as they are answered, for so long. */
export async function load(port: number, clients: number, seconds: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const texts = reviews(512);
  const times: number[] = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let asked = 0;
  const client = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      await predict(port, texts[asked++ % texts.length]!, agent);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const took = (performance.now() - begun) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
  return {
    requestsPerSecond: times.length / took,
    median: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** One `POST /predict`. @throws where the answer is not 200 */
export function predict(port: number, text: string, agent?: Agent): Promise<void> {
  const body = JSON.stringify({ text });
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  };
  const options = { host: '127.0.0.1', port, path: '/predict', method: 'POST', headers, agent };
  return new Promise((resolve, reject) => {
    const call = request(options, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`answered ${answer.statusCode}`));
      });
    });
    call.once('error', reject);
    call.end(body);
  });
}
