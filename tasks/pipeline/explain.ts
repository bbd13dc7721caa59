import { MlflowError } from 'mlflow-rest-ts';
import { InputError, Interrupted } from './errors.js';

/** What went wrong, for a person, and the exit code that tells a machine. */
export interface Report {
  message: string;
  exitCode: number;
}

/**
 * Exit codes: 2 bad input or configuration, 99 gate not passed, 130 and 143 stopped by Ctrl-C and
 * SIGTERM, 1 anything else: a defect or an outside failure, which may pass.
 */
export function explainError(error: unknown): Report {
  if (!(error instanceof Error)) return { message: `Defect: ${String(error)}`, exitCode: 1 };
  if (error instanceof InputError) {
    return { message: sentences(locate(error.message, error.where), error.fix), exitCode: 2 };
  }
  if (error instanceof MlflowError) return explainMlflow(error);
  if (hasExitCode(error)) return { message: error.message, exitCode: error.exitCode };
  const exitCode = FOREIGN[error.name];
  if (exitCode !== undefined) return { message: error.message, exitCode };
  if (error.name === 'ExitPromptError') return explainError(new Interrupted('SIGINT'));
  const system = explainSystem(error);
  return system ?? { message: `Defect: ${error.message} (--debug shows where)`, exitCode: 1 };
}

/** By name: the packages that they come from are loaded only by the stages that compute. */
const FOREIGN: Record<string, number> = { CheckpointError: 2, EngineError: 2 };

function hasExitCode(error: Error): error is Error & { exitCode: number } {
  return 'exitCode' in error && typeof error.exitCode === 'number';
}

function explainMlflow(error: MlflowError): Report {
  const refused = error.status === 401 || error.status === 403;
  return { message: `MLflow: ${error.message}`, exitCode: refused ? 2 : 1 };
}

const SYSTEM: Record<string, { problem: string; fix: string; exitCode: number }> = {
  ENOSPC: {
    problem: 'No space left on the disk',
    fix: 'Make room where tracking.volume lies (`ml4 doctor` shows it) and run the same command again.',
    exitCode: 1,
  },
  EDQUOT: {
    problem: 'The disk quota is used up',
    fix: 'Make room where tracking.volume lies and run the same command again.',
    exitCode: 1,
  },
  EACCES: { problem: 'No permission', fix: 'Give this user access to it.', exitCode: 2 },
  EPERM: { problem: 'No permission', fix: 'Give this user access to it.', exitCode: 2 },
  EROFS: {
    problem: 'The file system is read-only',
    fix: 'Point tracking.volume to a folder that can be written.',
    exitCode: 2,
  },
  EISDIR: {
    problem: 'This is a folder, not a file',
    fix: 'Name a file.',
    exitCode: 2,
  },
  ENOTDIR: {
    problem: 'A file stands where a folder is needed',
    fix: 'Name another path.',
    exitCode: 2,
  },
  EMFILE: {
    problem: 'Too many open files',
    fix: 'Raise the limit: `ulimit -n 4096`.',
    exitCode: 1,
  },
};

function explainSystem(error: Error): Report | undefined {
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const known = code === undefined ? undefined : SYSTEM[code];
  return (
    known && {
      message: sentences(`${locate(known.problem, dest ?? path)}.`, known.fix),
      exitCode: known.exitCode,
    }
  );
}

function locate(message: string, where: string | undefined): string {
  return where === undefined ? message : `${where}: ${message}`;
}

function sentences(message: string, fix: string | undefined): string {
  return fix === undefined ? message : `${message}\n${fix}`;
}
