import { Families, fieldsOf, linesOf, type FilesystemSize, type Host, type NodeCollector } from './collector.ts';

/** Mount points and filesystem types node_exporter leaves out by default. */
const excludedMounts =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;
const excludedTypes =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$/;

/** A mount that has not answered for this long is reported as stuck. */
const MOUNT_TIMEOUT_MS = 5000;

interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly readonly: boolean;
}

/** Mounts with an unanswered question: asking a dead network filesystem again would only use up another thread. */
const stuckMounts = new WeakMap<Host, Set<string>>();

/** Size, free space and inodes of each mounted filesystem. */
export const filesystem: NodeCollector = {
  name: 'filesystem',
  collect: async (host) => {
    const mounts = mountsOf(host);
    const sizes = await Promise.all(mounts.map((mount) => sizeOf(host, mount.mountpoint)));
    const families = new Families();
    mounts.forEach((mount, at) => {
      const size = sizes[at]!;
      const error = typeof size === 'string' ? size : '';
      const labels = [
        'device',
        mount.device,
        'device_error',
        error,
        'fstype',
        mount.fstype,
        'mountpoint',
        mount.mountpoint,
      ];
      const gauge = (name: string, help: string, value: number) => {
        families.gauge(`filesystem_${name}`, help, value, labels);
      };
      gauge(
        'device_error',
        'Whether an error occurred while getting statistics for the given device.',
        error === '' ? 0 : 1,
      );
      gauge('readonly', 'Filesystem read-only status.', mount.readonly ? 1 : 0);
      if (typeof size === 'string') return;
      gauge('size_bytes', 'Filesystem size in bytes.', size.size);
      gauge('free_bytes', 'Filesystem free space in bytes.', size.free);
      gauge('avail_bytes', 'Filesystem space available to non-root users in bytes.', size.avail);
      gauge('files', 'Filesystem total file nodes.', size.files);
      gauge('files_free', 'Filesystem total free file nodes.', size.filesFree);
    });
    return families.list();
  },
};

function mountsOf(host: Host): Mount[] {
  let text: string;
  try {
    // The mounts of process 1 are the machine's, whatever namespace this process runs in.
    text = host.proc('1/mounts');
  } catch {
    text = host.proc('mounts');
  }
  const mounts: Mount[] = [];
  const seen = new Set<string>();
  for (const line of linesOf(text)) {
    const [device = '', mountpoint = '', fstype = '', options = ''] = fieldsOf(line).map(unescapeMount);
    const key = `${device} ${mountpoint}`;
    if (excludedMounts.test(mountpoint) || excludedTypes.test(fstype) || seen.has(key)) continue;
    seen.add(key);
    mounts.push({ device, mountpoint, fstype, readonly: options.split(',').includes('ro') });
  }
  return mounts;
}

/** /proc/mounts writes space, tab, newline and backslash as octal escapes. */
function unescapeMount(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function sizeOf(host: Host, mountpoint: string): Promise<FilesystemSize | string> {
  let stuck = stuckMounts.get(host);
  if (stuck === undefined) stuckMounts.set(host, (stuck = new Set()));
  if (stuck.has(mountpoint)) return 'mountpoint timeout';
  stuck.add(mountpoint);
  const pending = stuck;
  const answer = host
    .filesystemSize(mountpoint)
    .catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error))
    .finally(() => pending.delete(mountpoint));
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, MOUNT_TIMEOUT_MS, 'mountpoint timeout');
    timer.unref();
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
