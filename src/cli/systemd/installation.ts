// What `signalbox install-systemd` puts where, what of it is of this machine, and what is there from before that must
// go. Writes nothing.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../errors.js';

export interface InstallOptions {
  readonly prefix: string;
  /** Of the systemd that is to run it. */
  readonly systemdVersion: number;
  /** Nothing but Unix sockets. */
  readonly hostLocal: boolean;
  /** The package's directory, and the program that runs it. */
  readonly packageDirectory: string;
  readonly node: string;
  /** The package's directory systemd/. */
  readonly shippedFiles: string;
}

export interface InstalledFile {
  readonly path: string;
  readonly text: string;
  /** The operator's: what is there already stays. */
  readonly isKept: boolean;
}

/** The oldest systemd that knows all of the units. */
const OLDEST_SYSTEMD = 250;

/** As the units in the package have them. */
const SHIPPED = {
  node: '/usr/bin/node',
  packageDirectory: '/usr/local/lib/node_modules/signalbox',
  configuration: '/etc/signalbox',
} as const;

/** Drop-ins for what newer ones do better, by the version that they are for. */
const VERSION_DROP_IN = /^10-systemd-\d+\.conf$/;

/** What the service sees nothing of (ProtectHome=), or its own of (PrivateTmp=). */
const HIDDEN = ['/home/', '/root/', '/run/user/', '/tmp/', '/var/tmp/'];

/** @throws SignalboxError `configuration` for what can't work. */
export function filesToInstall(options: InstallOptions): InstalledFile[] {
  const { prefix, systemdVersion, hostLocal, packageDirectory, node, shippedFiles } = options;
  if (systemdVersion < OLDEST_SYSTEMD) {
    throw new SignalboxError(
      'configuration',
      `systemd ${systemdVersion} is too old: ${OLDEST_SYSTEMD} or newer is needed`,
    );
  }
  for (const path of [packageDirectory, node]) {
    if (!HIDDEN.some((place) => path.startsWith(place))) continue;
    const advice = 'install it for the whole machine, as `npm install --global` does';
    throw new SignalboxError('configuration', `the service can't see ${path}: ${advice}`);
  }
  const configuration = configurationDirectory(prefix);
  const shipped = (name: string): string =>
    readFileSync(join(shippedFiles, name), 'utf8')
      .replaceAll(SHIPPED.packageDirectory, packageDirectory)
      .replaceAll(SHIPPED.node, node)
      .replaceAll(SHIPPED.configuration, configuration);
  const units = join(prefix, 'lib/systemd/system');
  const unit = (source: string, target = source): InstalledFile => ({
    path: join(units, target),
    text: shipped(source),
    isKept: false,
  });
  const dropIn = (name: string, order: number): InstalledFile =>
    unit(`drop-ins/${name}.conf`, `signalbox.service.d/${order}-${name}.conf`);
  return [
    ...['signalbox.service', 'signalbox.socket', 'signalbox-admin.socket'].map((name) => unit(name)),
    ...(systemdVersion >= 257 ? [dropIn('systemd-257', 10)] : []),
    ...(hostLocal ? [dropIn('host-local', 30)] : []),
    {
      path: join(prefix, 'lib/sysusers.d/signalbox.conf'),
      text: shipped('signalbox.sysusers.conf'),
      isKept: false,
    },
    {
      path: join(configuration, 'signalbox.env'),
      text: shipped('signalbox.env.example'),
      isKept: true,
    },
    {
      path: join(configuration, 'routes.yaml'),
      text: shipped('routes.example.yaml'),
      isKept: true,
    },
  ];
}

/**
 * Drop-ins that another version of this package, or for another systemd, has put beside these files. The operator's
 * own are elsewhere, in /etc/systemd.
 */
export function filesToRemove(files: readonly InstalledFile[]): string[] {
  const wanted = new Set(files.map(({ path }) => path));
  const [service] = files.filter(({ path }) => path.endsWith('/signalbox.service'));
  const directory = join(dirname(service?.path ?? ''), 'signalbox.service.d');
  return (existsSync(directory) ? readdirSync(directory) : [])
    .filter((name) => VERSION_DROP_IN.test(name))
    .map((name) => join(directory, name))
    .filter((path) => !wanted.has(path));
}

/** As distributions have it: what is under /usr is configured in /etc. */
function configurationDirectory(prefix: string): string {
  return ['/', '/usr', '/usr/local'].includes(prefix) ? '/etc/signalbox' : join(prefix, 'etc/signalbox');
}
