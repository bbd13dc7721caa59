import { Writable } from 'node:stream';
import pc from 'picocolors';
import winston, { type Logform, type Logger } from 'winston';
import { redact } from './secrets.js';

export interface LoggerOptions {
  /** Takes each finished line, free of secrets. */
  write: (line: string) => void;
  /** `json`: one object a line, for machines. `text`: for people. */
  style: 'json' | 'text';
  /** @default 'info' */
  level?: 'info' | 'debug';
}

/** The program's log. Whatever is logged, no secret of the environment reaches `write`. */
export function createLogger({ write, style, level = 'info' }: LoggerOptions): Logger {
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      write(redact(line));
      done();
    },
  });
  const { combine, errors, json, timestamp } = winston.format;
  return winston.createLogger({
    level,
    format:
      style === 'json' ? combine(errors(), timestamp(), json()) : winston.format.printf(textLine),
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
  });
}

const MARKS: Record<string, string> = { error: pc.red('✖ '), warn: pc.yellow('! '), debug: '· ' };

/** A line about a stage as a whole is a heading; what the stage itself logs is below it, indented. */
function textLine({ level, message, stage }: Logform.TransformableInfo): string {
  if (level === 'info' && stage !== undefined) return pc.bold(String(message));
  return `${MARKS[level] ?? '  '}${String(message).replaceAll('\n', '\n  ')}`;
}
