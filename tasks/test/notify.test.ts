import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { notifyStage } from '../notify/notify.js';
import { InputError } from '../pipeline/errors.js';
import { recordFailure } from '../pipeline/run.js';
import { registerStage } from '../register/register.js';
import { judgedModel, testPipeline } from './pipeline-support.js';

const TOKEN = 'T0TESTTEST/B0TESTTEST/abcdefghijklmnopqrstuvwx';

afterEach(() => {
  delete process.env.SLACK_WEBHOOK_TOKEN;
  delete process.env.SLACK_WEBHOOK_URL;
  delete process.env.SLACK_WEBHOOK_BASE;
});

interface Message {
  text: string;
  blocks: { type: string; text: { text: string } }[];
}

/** A receiver in Slack's place that answers with these statuses in turn, then with 200. */
async function receiver(...statuses: number[]): Promise<{ base: string; messages: Message[] }> {
  const messages: Message[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const known = request.url === `/services/${TOKEN}`;
    const status = statuses.shift() ?? (known ? 200 : 404);
    if (status === 200) messages.push(JSON.parse(body));
    response.writeHead(status).end(status === 200 ? 'ok' : 'no_service');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}/services`, messages };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function slackAt(...statuses: number[]): Promise<Message[]> {
  const { base, messages } = await receiver(...statuses);
  process.env.SLACK_WEBHOOK_BASE = base;
  process.env.SLACK_WEBHOOK_TOKEN = TOKEN;
  return messages;
}

describe('the message', () => {
  it('tells result, champion, gate and where to look', async () => {
    const messages = await slackAt();
    const { config, context } = await testPipeline({ set: ['register.stage=Staging'] });
    await judgedModel(context, 0.85);
    await registerStage(config, context);
    expect(await notifyStage(config, context)).toMatchObject({ notified: true });

    expect(messages).toHaveLength(1);
    const [{ text, blocks }] = messages as [Message];
    const name = config.model.registered_name;
    expect(text).toBe(
      `ml4 ${context.pipelineId}: registered ${name} 1 (Staging), accuracy 85.00 %`,
    );
    const shown = blocks.map((block) => block.text.text).join('\n');
    expect(shown).toContain('*Accuracy* 85.00 % (83.00 % to 87.00 %) on 900 texts');
    expect(shown).toContain('*Champion* none in Production');
    expect(shown).toContain('*Gate* ✅ Accuracy 0.8500 reaches the threshold 0.8000.');
    expect(shown).toContain(`runs/${context.run.runId}?workflowType=machine_learning|Run>`);
    expect(shown).toContain(
      `models/${name}/versions/1?workflowType=machine_learning|Model version>`,
    );
  });

  it('tells how the model compares with the one in Production, and why', async () => {
    const messages = await slackAt();
    const first = await testPipeline({ set: ['register.stage=Production'] });
    await judgedModel(first.context, 0.82);
    await registerStage(first.config, first.context);
    const name = first.config.model.registered_name;
    const { config, context } = await testPipeline({ set: [`model.registered_name=${name}`] });
    await judgedModel(context, 0.9);
    await registerStage(config, context);
    await notifyStage(config, context);
    const shown = messages[0]!.blocks.map((block) => block.text.text).join('\n');
    expect(shown).toContain('*Champion* version 1, 82.00 %');
    expect(shown).toContain('*Against version 1* 📈 better\n• The new model has +8.00 points');
  });

  it('tells of a gate that was not passed', async () => {
    const messages = await slackAt();
    const { config, context } = await testPipeline();
    await judgedModel(context, 0.7);
    await registerStage(config, context).catch(() => undefined);
    await notifyStage(config, context);
    expect(messages[0]?.text).toContain('not registered, gate not passed, accuracy 70.00 %');
  });

  it('tells which stage failed, and escapes what Slack would read as markup', async () => {
    const messages = await slackAt();
    const { config, context } = await testPipeline();
    await recordFailure(context, 'train', 'No <such> file & no way.');
    await notifyStage(config, context);
    expect(messages[0]?.text).toBe(`ml4 ${context.pipelineId}: train failed`);
    expect(messages[0]?.blocks.map((block) => block.text.text)).toContain(
      '*train failed*\nNo &lt;such&gt; file &amp; no way.',
    );
  });

  it('tells of a stage that was killed, with the link to its log that a scheduler knows', async () => {
    const messages = await slackAt();
    process.env.ML4_FAILED_STAGE = 'train';
    process.env.ML4_FAILED_LOG = 'http://127.0.0.1:8080/dags/ml4_pipeline/runs/1/tasks/train';
    onTestFinished(() => {
      delete process.env.ML4_FAILED_STAGE;
      delete process.env.ML4_FAILED_LOG;
    });
    const { config, context } = await testPipeline();
    await notifyStage(config, context);
    const [{ text, blocks }] = messages as [Message];
    expect(text).toBe(`ml4 ${context.pipelineId}: train failed`);
    expect(blocks.at(-1)?.text.text).toContain('/runs/1/tasks/train|Log of train>');
  });

  it('is posted once, also when the stage is repeated', async () => {
    const messages = await slackAt();
    const { config, context } = await testPipeline();
    await judgedModel(context, 0.85);
    for (let i = 0; i < 2; i++) await notifyStage(config, context);
    expect(messages).toHaveLength(1);
  });
});

describe('where it is posted', () => {
  it('is the address in SLACK_WEBHOOK_URL, if there is one', async () => {
    const { base, messages } = await receiver();
    process.env.SLACK_WEBHOOK_URL = `${base}/${TOKEN}`;
    process.env.SLACK_WEBHOOK_TOKEN = 'T/B/other';
    const { config, context } = await testPipeline();
    await notifyStage(config, context);
    expect(messages).toHaveLength(1);
  });

  it('is reached through the proxy of the environment', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, client: Socket) => {
      asked.push(request.url ?? '');
      const { hostname, port } = new URL(`http://${request.url}`);
      const target = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(target).pipe(client);
      });
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    onTestFinished(() => void proxy.close());
    const messages = await slackAt();
    const { config, context } = await testPipeline();
    vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv('no_proxy', new URL(config.tracking.uri!).host);
    onTestFinished(() => void vi.unstubAllEnvs());
    await notifyStage(config, context);
    expect(messages).toHaveLength(1);
    expect(asked).toEqual([new URL(process.env.SLACK_WEBHOOK_BASE!).host]);
  });

  it('is nowhere without a token, and the log says so', async () => {
    const { config, context, lines } = await testPipeline();
    expect(await notifyStage(config, context)).toMatchObject({ notified: false });
    expect(lines).toContain(
      'No message to Slack: neither SLACK_WEBHOOK_URL nor SLACK_WEBHOOK_TOKEN is set.',
    );
  });

  it('is nowhere where the configuration switches it off', async () => {
    const messages = await slackAt();
    const { config, context } = await testPipeline({ set: ['notify.slack=false'] });
    expect(await notifyStage(config, context)).toMatchObject({ notified: false });
    expect(messages).toEqual([]);
  });
});

describe('a message that does not arrive', () => {
  it('is sent again after a failure that may pass, and after a rate limit', async () => {
    const messages = await slackAt(503, 429);
    const { config, context } = await testPipeline();
    await notifyStage(config, context);
    expect(messages).toHaveLength(1);
  });

  it('is bad input where Slack refuses the token, and the token is nowhere', async () => {
    await slackAt();
    const wrong = 'T0WRONGWRONG/B0WRONGWRONG/abcdefghijklmnopqrstuvwx';
    process.env.SLACK_WEBHOOK_TOKEN = wrong;
    const { config, context, lines } = await testPipeline();
    const error = await notifyStage(config, context).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe('Slack refused the message: 404 no_service');
    expect([JSON.stringify(error), error.stack, ...lines].join('\n')).not.toContain('B0WRONG');
  });

  it('is an outside failure where nothing answers, and the token is nowhere', async () => {
    process.env.SLACK_WEBHOOK_BASE = 'http://127.0.0.1:9/services';
    process.env.SLACK_WEBHOOK_TOKEN = TOKEN;
    const { config, context } = await testPipeline();
    const error = await notifyStage(config, context).catch((thrown) => thrown);
    expect(error.message).toMatch(/^Slack cannot be reached: /);
    expect(`${error.message}${error.stack}${error.cause}`).not.toContain('B0TEST');
  });

  it('is bad input where the address is none', async () => {
    process.env.SLACK_WEBHOOK_URL = 'not an address';
    const { config, context } = await testPipeline();
    await expect(notifyStage(config, context)).rejects.toThrow(InputError);
  });
});
