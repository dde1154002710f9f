import { Families, fieldsOf, linesOf, numberOf, type NodeCollector } from './collector.ts';

/** The fields node_exporter keeps by default. */
const kept =
  /^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/;

/** Protocol statistics of the kernel, from /proc/net/netstat, snmp and snmp6. */
export const netstat: NodeCollector = {
  name: 'netstat',
  collect: (host) => {
    const families = new Families();
    const add = (protocol: string, field: string, value: string | undefined) => {
      const name = `${protocol}_${field}`;
      if (!kept.test(name)) return;
      families.untyped(`netstat_${name}`, `Statistic ${protocol}${field}.`, numberOf(value, `/proc/net ${name}`));
    };
    for (const file of ['net/netstat', 'net/snmp']) {
      const lines = linesOf(host.proc(file));
      // Each protocol has a line of names and a line of values.
      for (let i = 0; i + 1 < lines.length; i += 2) {
        const [protocol = '', ...names] = fieldsOf(lines[i]!);
        const values = fieldsOf(lines[i + 1]!).slice(1);
        names.forEach((name, at) => {
          add(protocol.replace(':', ''), name, values[at]);
        });
      }
    }
    for (const line of snmp6(host.proc.bind(host))) {
      const [name = '', value] = fieldsOf(line);
      const match = /^(\w*?6)(\w+)$/.exec(name);
      if (match) add(match[1]!, match[2]!, value);
    }
    return families.list();
  },
};

/** A kernel without IPv6 has no such file. */
function snmp6(proc: (file: string) => string): string[] {
  try {
    return linesOf(proc('net/snmp6'));
  } catch {
    return [];
  }
}
