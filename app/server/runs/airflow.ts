import { Problem } from '../problem.js';

export interface AirflowOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly dagId: string;
  /** As a person's browser reaches it. @default url */
  readonly publicUrl?: string | undefined;
}

const TIMEOUT_MS = 15_000;

/** The few calls of Airflow's REST API (version 2, of Airflow 3) that start a pipeline. */
export class Airflow {
  #token: string | undefined;

  constructor(private readonly options: AirflowOptions) {}

  /** Where Airflow's page shows a run of the DAG. */
  runPage(dagRunId: string): string {
    const { url, publicUrl = url, dagId } = this.options;
    return `${trimmed(publicUrl)}/dags/${encodeURIComponent(dagId)}/runs/${encodeURIComponent(dagRunId)}`;
  }

  /**
   * Starts a run of the DAG.
   *
   * @param conf params of the DAG that are not to have their defaults
   * @returns its id, which is the pipeline's id
   * @throws Problem that says what Airflow answered
   */
  async trigger(conf: Record<string, unknown>): Promise<string> {
    const { dagId } = this.options;
    const path = `/api/v2/dags/${encodeURIComponent(dagId)}/dagRuns`;
    const answer = await this.#authorized(path, { logical_date: null, conf });
    const { dag_run_id } = (await answer.json()) as { dag_run_id?: unknown };
    if (typeof dag_run_id === 'string') return dag_run_id;
    throw new Problem(502, 'airflow', 'Airflow answered without the id of a run.');
  }

  /** A token lasts a day; one that is refused is replaced once. */
  async #authorized(path: string, body: object): Promise<Response> {
    const fresh = this.#token === undefined;
    this.#token ??= await this.#signIn();
    const answer = await this.#post(path, body, { authorization: `Bearer ${this.#token}` });
    if (answer.ok) return answer;
    if (answer.status === 401) this.#token = undefined;
    if (answer.status === 401 && !fresh) return this.#authorized(path, body);
    throw await refusal(answer);
  }

  async #signIn(): Promise<string> {
    const { username, password } = this.options;
    const answer = await this.#post('/auth/token', { username, password }, {});
    if (!answer.ok) throw await refusal(answer);
    const { access_token } = (await answer.json()) as { access_token?: unknown };
    if (typeof access_token === 'string') return access_token;
    throw new Problem(502, 'airflow', 'Airflow answered without a token.');
  }

  async #post(path: string, body: object, headers: Record<string, string>): Promise<Response> {
    try {
      return await fetch(`${trimmed(this.options.url)}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      const { cause, name } = error as Error & { cause?: { code?: string } };
      const reason = name === 'TimeoutError' ? 'no answer' : (cause?.code ?? 'no connection');
      const message = `Airflow cannot be reached: ${reason}. Check AIRFLOW_URL.`;
      throw new Problem(503, 'airflow_unreachable', message);
    }
  }
}

async function refusal(answer: Response): Promise<Problem> {
  if (answer.status === 401) {
    const message = 'Airflow refuses AIRFLOW_USERNAME and AIRFLOW_PASSWORD.';
    return new Problem(502, 'airflow', message);
  }
  const text = await answer.text();
  return new Problem(502, 'airflow', `Airflow says ${answer.status}: ${detailOf(text)}`);
}

/** `{"detail": "…"}` or FastAPI's list of them. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return (typeof detail === 'string' ? detail : JSON.stringify(detail)).slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
