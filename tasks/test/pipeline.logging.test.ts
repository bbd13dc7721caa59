import { describe, expect, it } from 'vitest';
import { createLogger } from '../pipeline/logging.js';
import { redact } from '../pipeline/secrets.js';

const env = {
  SLACK_WEBHOOK_URL: 'https://hooks.example.org/services/T0AAAA/B0BBBB/cccccccccccccccc',
  MLFLOW_TRACKING_PASSWORD: 'pa"ss/word+1',
  HF_TOKEN: 'hf_abcdefghijklmn',
};

describe('secrets', () => {
  it.each([
    ['as they are', `token ${env.HF_TOKEN}.`, 'token ***.'],
    ['of a file', 'token hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789.', 'token ***.'],
    [
      'inside JSON',
      JSON.stringify({ password: env.MLFLOW_TRACKING_PASSWORD }),
      '{"password":"***"}',
    ],
    ['inside an address', `?p=${encodeURIComponent(env.MLFLOW_TRACKING_PASSWORD)}`, '?p=***'],
    ['as the path of the webhook', 'POST /services/T0AAAA/B0BBBB/cccccccccccccccc', 'POST /***'],
    ['as any Slack webhook token', 'T0XXXXX/B0YYYYY/zzzzzzzzzzzz', '***'],
    [
      'as the user and password of an address',
      'http://me:secret@mlflow:5000/',
      'http://***@mlflow:5000/',
    ],
  ])('are masked %s', (_, text, clean) => {
    expect(redact(text, env)).toBe(clean);
  });

  it('leave other text alone, Korean and tabs included', () => {
    const text = 'config.yaml:3: 모델\tkcbert-base TEST/BASE a@b.c';
    expect(redact(text, env)).toBe(text);
  });

  it('that are empty or very short mask nothing', () => {
    expect(redact('a b c', { HF_TOKEN: '', MLFLOW_TRACKING_PASSWORD: 'b' })).toBe('a b c');
  });
});

describe('the log', () => {
  function logged(style: 'json' | 'text', write: (log: ReturnType<typeof createLogger>) => void) {
    const lines: string[] = [];
    write(createLogger({ style, write: (line) => lines.push(line) }));
    return lines;
  }

  it('is one JSON object a line for machines', () => {
    const [line, ...rest] = logged('json', (log) => log.info('Stage\ndone', { stage: 'fetch' }));
    expect(rest).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({
      level: 'info',
      message: 'Stage\ndone',
      stage: 'fetch',
    });
    expect(line!.match(/\n/g)).toHaveLength(1);
  });

  it('is plain lines for people', () => {
    expect(logged('text', (log) => log.info('two\nlines', { rows: 2 }))).toEqual([
      '  two\n  lines\n',
    ]);
  });

  it.each(['json', 'text'] as const)('holds no secret, wherever it was put (%s)', (style) => {
    process.env.HF_TOKEN = env.HF_TOKEN;
    try {
      const lines = logged(style, (log) => {
        log.warn(`Authorization: Bearer ${env.HF_TOKEN}`, { deep: { token: [env.HF_TOKEN] } });
        log.error(new Error(`failed with ${env.HF_TOKEN}`));
      });
      expect(lines).toHaveLength(2);
      expect(lines.join('')).not.toContain(env.HF_TOKEN);
      expect(lines.join('')).toContain('failed with ***');
    } finally {
      delete process.env.HF_TOKEN;
    }
  });

  it('leaves debug lines out unless asked for', () => {
    expect(logged('text', (log) => log.debug('detail'))).toEqual([]);
  });
});
