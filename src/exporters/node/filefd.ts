import { Families, fieldsOf, numberOf, type NodeCollector } from './collector.ts';

/** Open file handles and their limit, from /proc/sys/fs/file-nr. */
export const filefd: NodeCollector = {
  name: 'filefd',
  collect: (host) => {
    const families = new Families();
    const [allocated, , maximum] = fieldsOf(host.proc('sys/fs/file-nr'));
    families.gauge(
      'filefd_allocated',
      'File descriptor statistics: allocated.',
      numberOf(allocated, '/proc/sys/fs/file-nr'),
    );
    families.gauge('filefd_maximum', 'File descriptor statistics: maximum.', numberOf(maximum, '/proc/sys/fs/file-nr'));
    return families.list();
  },
};
