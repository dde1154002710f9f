import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../runtime/index.ts';
import { FairQueue, type Ticket } from './fair-queue.ts';

function harness(slots: number, maxWaitingOfOwner = 100) {
  const clock = new ManualClock();
  const queue = new FairQueue({ slots, maxWaitingOfOwner, clock });
  const order: string[] = [];
  const releases = new Map<string, () => void>();
  const ask = (name: string, more: Partial<Ticket> = {}) => {
    const asked = queue
      .acquire({
        owner: name[0]!,
        maxOfOwner: Infinity,
        deadlineMs: 60_000,
        signal: new AbortController().signal,
        ...more,
      })
      .then((release) => {
        order.push(name);
        releases.set(name, release);
      });
    // Refusals are looked at where they are expected.
    asked.catch(() => {});
    return asked;
  };
  const end = async (name: string) => {
    releases.get(name)!();
    await clock.advance(0);
  };
  return { clock, queue, order, ask, end };
}

describe('a fair queue', () => {
  it('gives slots at once while there are any', async () => {
    const { ask, order, queue } = harness(2);
    await ask('a1');
    await ask('a2');
    expect(order).toEqual(['a1', 'a2']);
    expect([queue.running, queue.waiting]).toEqual([2, 0]);
  });

  it('takes turns between owners, however many one of them has waiting', async () => {
    const { ask, end, order } = harness(1);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) void ask(name);
    for (let i = 0; i < 7; i++) {
      await Promise.resolve();
      await end(order.at(-1) ?? 'a1').catch(() => {});
    }
    expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('lets an owner at its own limit wait without holding up others', async () => {
    const { ask, end, order } = harness(3);
    const limit = { maxOfOwner: 1 };
    for (const name of ['a1', 'a2', 'b1']) void ask(name, limit);
    await Promise.resolve();
    await end('b1');
    expect(order).toEqual(['a1', 'b1']);
    await end('a1');
    expect(order).toEqual(['a1', 'b1', 'a2']);
  });

  it('says whose fault it is that a deadline passed', async () => {
    const { ask, clock } = harness(1);
    await ask('a1');
    const own = ask('a2', { maxOfOwner: 1, deadlineMs: 1000 });
    const others = ask('b1', { deadlineMs: 1000 });
    await clock.advance(1000);
    await expect(own).rejects.toThrow('too many queries at once: 1 are allowed');
    await expect(others).rejects.toThrow('query timed out in query queue');
  });

  it('turns away an owner who has too many waiting', async () => {
    const { ask } = harness(1, 1);
    await ask('a1');
    void ask('a2');
    await expect(ask('a3')).rejects.toThrow('too many queries waiting: 1');
    void ask('b1');
  });

  it('forgets who was cancelled while waiting', async () => {
    const { ask, end, order, queue } = harness(1);
    const cancel = new AbortController();
    await ask('a1');
    const cancelled = ask('b1', { signal: cancel.signal });
    void ask('c1');
    cancel.abort();
    await expect(cancelled).rejects.toThrow('query was canceled in query queue');
    await end('a1');
    expect(order).toEqual(['a1', 'c1']);
    await end('c1');
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
    await expect(ask('a2', { signal: cancel.signal })).rejects.toThrow('canceled');
  });

  it('gives a slot back once', async () => {
    const { ask, end, queue } = harness(2);
    await ask('a1');
    await ask('a2');
    await end('a1');
    await end('a1');
    expect(queue.running).toBe(1);
  });

  it('never exceeds its slots or an owner its own, and serves everybody in the end', async () => {
    const owners = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        owners,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (list, slots, maxOfOwner) => {
          const { ask, end, order, queue, clock } = harness(slots);
          list.forEach((owner, i) => void ask(`${owner}${i}`, { maxOfOwner }));
          await clock.advance(0);
          const running = new Set<string>();
          let seen = 0;
          for (;;) {
            for (; seen < order.length; seen++) running.add(order[seen]!);
            expect(queue.running).toBe(running.size);
            expect(running.size).toBeLessThanOrEqual(slots);
            for (const owner of ['a', 'b', 'c']) {
              expect([...running].filter((name) => name.startsWith(owner)).length).toBeLessThanOrEqual(maxOfOwner);
            }
            const [oldest] = running;
            if (oldest === undefined) break;
            running.delete(oldest);
            await end(oldest);
          }
          expect(order).toHaveLength(list.length);
        },
      ),
    );
  });
});
