// @ts-check
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { root } from './project.js';

/**
 * Waits until this is the only process that changes the installation of this folder.
 *
 * The lock is a socket without a file (Linux's abstract namespace): the kernel removes it with the
 * process, so that no kill leaves a stale lock, and those who wait see its end as a closed connection.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<() => void>} releases it
 */
export async function lockInstallation(signal) {
  const name = `\0ml4-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    const release = await listen(name);
    if (release) return release;
    if (attempt === 0) console.log('Another set-up of this folder is running: waiting for it.');
    const holder = connect({ path: name, signal });
    await new Promise((resolve) => holder.on('error', resolve).on('close', resolve));
  }
}

/**
 * @param {string} name
 * @returns {Promise<(() => void) | undefined>} undefined when another process listens there
 */
async function listen(name) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket.unref().on('error', () => {}));
  });
  try {
    await once(server.listen(name).unref(), 'listening');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
}
