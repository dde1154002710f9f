import type { Clock } from '../runtime/index.ts';
import { QueueError, TooManyQueriesError } from './errors.ts';

export interface Ticket {
  /** Whose turn it is: those who ask share the slots evenly, however much each of them asks. */
  readonly owner: string;
  /** Slots the owner may hold at once. */
  readonly maxOfOwner: number;
  /** Monotonic ms after which waiting is in vain. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly ticket: Ticket;
  readonly grant: () => void;
}

interface Owner {
  running: number;
  readonly waiting: Waiter[];
}

/** Seconds after which a turned away owner may have a slot again: a guess, queries take between milliseconds and minutes. */
const RETRY_SECONDS = 5;

/** A number of slots, given to those who wait in turn: one owner after the other, each owner's own in order. */
export class FairQueue {
  readonly #slots: number;
  readonly #maxWaitingOfOwner: number;
  readonly #clock: Clock;
  /** In the order of turns: whoever got a slot goes to the end. */
  readonly #owners = new Map<string, Owner>();
  #running = 0;
  #waiting = 0;

  constructor(options: { slots: number; maxWaitingOfOwner: number; clock: Clock }) {
    this.#slots = options.slots;
    this.#maxWaitingOfOwner = options.maxWaitingOfOwner;
    this.#clock = options.clock;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Waits for a slot.
   *
   * @returns gives the slot back; safe to call twice
   * @throws {TooManyQueriesError} when too many of the owner are waiting, or the deadline passed while the owner held all it may
   * @throws {QueueError} when the deadline passed while the slots were taken by others, or the signal was aborted
   */
  async acquire(ticket: Ticket): Promise<() => void> {
    if (ticket.signal.aborted) throw new QueueError('canceled');
    const owner = this.#ownerOf(ticket.owner);
    if (owner.waiting.length >= this.#maxWaitingOfOwner) {
      throw new TooManyQueriesError(`too many queries waiting: ${owner.waiting.length}`, RETRY_SECONDS);
    }
    if (this.#running < this.#slots && owner.running < ticket.maxOfOwner && owner.waiting.length === 0) {
      this.#start(ticket.owner, owner);
    } else {
      await this.#wait(ticket, owner);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#running--;
      owner.running--;
      this.#forgetIdle(ticket.owner, owner);
      this.#grantNext();
    };
  }

  #ownerOf(name: string): Owner {
    let owner = this.#owners.get(name);
    if (owner === undefined) {
      owner = { running: 0, waiting: [] };
      this.#owners.set(name, owner);
    }
    return owner;
  }

  #start(name: string, owner: Owner): void {
    this.#running++;
    owner.running++;
    this.#owners.delete(name);
    this.#owners.set(name, owner);
  }

  #wait(ticket: Ticket, owner: Owner): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting--;
        stopTimer();
        ticket.signal.removeEventListener('abort', abort);
      };
      const giveUp = (error: Error): void => {
        owner.waiting.splice(owner.waiting.indexOf(waiter), 1);
        leave();
        this.#forgetIdle(ticket.owner, owner);
        reject(error);
      };
      const abort = (): void => {
        giveUp(new QueueError('canceled'));
      };
      const waiter: Waiter = {
        ticket,
        grant: () => {
          leave();
          resolve();
        },
      };
      const stopTimer = this.#clock.after(Math.max(0, ticket.deadlineMs - this.#clock.monotonic()), () => {
        const isOwnFault = owner.running >= ticket.maxOfOwner;
        giveUp(
          isOwnFault
            ? new TooManyQueriesError(`too many queries at once: ${ticket.maxOfOwner} are allowed`, RETRY_SECONDS)
            : new QueueError('timeout'),
        );
      });
      ticket.signal.addEventListener('abort', abort);
      owner.waiting.push(waiter);
      this.#waiting++;
    });
  }

  #grantNext(): void {
    while (this.#running < this.#slots && this.#waiting > 0) {
      let granted = false;
      for (const [name, owner] of this.#owners) {
        const next = owner.waiting[0];
        if (next === undefined || owner.running >= next.ticket.maxOfOwner) continue;
        owner.waiting.shift();
        this.#start(name, owner);
        next.grant();
        granted = true;
        break;
      }
      if (!granted) return;
    }
  }

  #forgetIdle(name: string, owner: Owner): void {
    if (owner.running === 0 && owner.waiting.length === 0) this.#owners.delete(name);
  }
}
