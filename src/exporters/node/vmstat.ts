import { Families, fieldsOf, linesOf, numberOf, type NodeCollector } from './collector.ts';

const kept = /^(oom_kill|pgpg|pswp|pg.*fault)/;

/** Paging and out-of-memory kills, from /proc/vmstat. */
export const vmstat: NodeCollector = {
  name: 'vmstat',
  collect: (host) => {
    const families = new Families();
    for (const line of linesOf(host.proc('vmstat'))) {
      const [name = '', value] = fieldsOf(line);
      if (!kept.test(name)) continue;
      families.untyped(
        `vmstat_${name}`,
        `/proc/vmstat information field ${name}.`,
        numberOf(value, `/proc/vmstat ${name}`),
      );
    }
    return families.list();
  },
};
