import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Compares passwords with bcrypt hashes, away from the thread that asks. */
export interface PasswordHasher {
  /**
   * Whether the password is the hash's.
   *
   * @returns `undefined` when too many are waiting already
   * @throws {Error} when the hash cannot be judged or the hasher is closed
   */
  compare(password: string, hash: string): Promise<boolean> | undefined;
  close(): Promise<void>;
}

const hashForm = /^\$2[a-z]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** The cost of a bcrypt hash (4–31: one comparison takes time in proportion to 2^cost), or `undefined` for what is no such hash. */
export function bcryptCost(hash: string): number | undefined {
  const cost = Number(hashForm.exec(hash)?.[1] ?? NaN);
  return cost >= 4 && cost <= 31 ? cost : undefined;
}

interface Job {
  readonly password: string;
  readonly hash: string;
  readonly resolve: (matches: boolean) => void;
  readonly reject: (error: Error) => void;
}

/** The worker's program. As text, so that it runs alike from the sources and from the build; it holds no logic of its own. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const bcrypt = require(workerData.bcrypt);
parentPort.on('message', ({ password, hash }) => {
  let answer;
  try {
    answer = { matches: bcrypt.compareSync(password, hash) };
  } catch (error) {
    answer = { error: String(error && error.message) };
  }
  parentPort.postMessage(answer);
});
`;

/** One worker thread that compares one password at a time; it is started when first needed. */
export class BcryptWorker implements PasswordHasher {
  readonly #maxWaiting: number;
  readonly #waiting: Job[] = [];
  #running: Job | undefined;
  #worker: Worker | undefined;
  #isClosed = false;

  /** @param maxWaiting comparisons that may wait beside the one under way; a further one is turned away */
  constructor(maxWaiting = 64) {
    this.#maxWaiting = maxWaiting;
  }

  compare(password: string, hash: string): Promise<boolean> | undefined {
    if (this.#isClosed) return Promise.reject(new Error('Cannot compare a password: the hasher is closed'));
    if (this.#waiting.length >= this.#maxWaiting) return undefined;
    return new Promise((resolve, reject) => {
      // The letter tells which program made the hash; the algorithm is one and the same.
      this.#waiting.push({ password, hash: hash.replace(/^\$2[a-z]?\$/, '$2b$$'), resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#fail(new Error('Cannot compare a password: the hasher is closed'));
    for (const job of this.#waiting.splice(0)) job.reject(new Error('The hasher is closed'));
    await worker?.terminate();
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#running = job;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ password: job.password, hash: job.hash });
  }

  #start(): Worker {
    const bcrypt = createRequire(import.meta.url).resolve('bcryptjs');
    const worker = new Worker(program, { eval: true, workerData: { bcrypt }, env: {} });
    worker.unref();
    worker.on('message', (answer: { matches: boolean } | { error: string }) => {
      const job = this.#running;
      this.#running = undefined;
      if ('error' in answer) job?.reject(new Error(`Cannot compare a password: ${answer.error}`));
      else job?.resolve(answer.matches);
      this.#next();
    });
    const gone = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(error);
      this.#next();
    };
    worker.on('error', gone);
    worker.on('exit', () => {
      gone(new Error('Cannot compare a password: the hashing thread ended'));
    });
    return worker;
  }

  #fail(error: Error): void {
    this.#running?.reject(error);
    this.#running = undefined;
  }
}
