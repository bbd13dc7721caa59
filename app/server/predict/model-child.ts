import { TextClassifier } from 'bert-tfjs';
import type { FromModel, ToModel } from './messages.js';

/** Started by ModelProcess: holds one model and computes batches of texts, one after the other. */
let classifier: TextClassifier | undefined;
let queue = Promise.resolve();

process.on('message', (message: ToModel) => {
  queue = queue.then(() => answer(message));
});
// Ctrl-C reaches the whole group; the server ends this process when the last answer is out.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit());

async function answer(message: ToModel): Promise<void> {
  try {
    if ('load' in message) {
      const { folder, precision, threads } = message.load;
      classifier = await TextClassifier.load(folder, { precision, threads });
      await classifier.predict(['']); // the first run builds the engine's kernels
      send({ labels: [...classifier.labels] });
    } else {
      const predictions = await classifier!.predict(message.texts, { batchSize: 32 });
      const probabilities = predictions.map((prediction) => [...prediction.probabilities]);
      send({ id: message.id, probabilities });
    }
  } catch (error) {
    const { name, message: text } = error instanceof Error ? error : new Error(String(error));
    send({ ...('id' in message && { id: message.id }), error: { name, message: text } });
  }
}

function send(message: FromModel): void {
  process.send!(message);
}
