#!/usr/bin/python3
"""The Debian package, built and installed for real.

    tests/package/run.py --build build/release

The package is installed with dpkg in a mount namespace of its own, whose root is an overlay over this machine's: nothing of it
stays. That needs root. Ends with `N passed, N failed`.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

EXPOSURE = 2.0  # of systemd-analyze security: 0 is best, 10 is worst
OVERLAY = r"""
set -e
mount --make-rprivate /
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/merged"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/merged"
mount --bind /proc "$1/merged/proc"
mount --bind /dev "$1/merged/dev"
cp "$2" "$1/merged/opt/headgate.deb"
exec chroot "$1/merged" /bin/bash -c "$3"
"""
passed = failed = 0


def check(name, good, said=''):
    global passed, failed
    if good:
        passed += 1
        print('ok   ' + name)
    else:
        failed += 1
        print('FAIL %s: %s' % (name, said.strip()[-1500:]))


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)


def build(directory, target):
    done = run('cpack', '--config', os.path.join(directory, 'CPackConfig.cmake'), '-B', target, '-G', 'DEB')
    packages = glob.glob(os.path.join(target, '*.deb'))
    check('the package is built', done.returncode == 0 and len(packages) == 1, done.stdout + done.stderr)
    return packages[0] if packages else None


def check_control(package):
    fields = dict(line.split(': ', 1) for line in run('dpkg-deb', '-f', package).stdout.split('\n') if ': ' in line and not line.startswith(' '))
    check('it is named, versioned and for one architecture', fields.get('Package') == 'headgate' and fields.get('Version') and fields.get('Architecture'),
          str(fields))
    depends = fields.get('Depends', '')
    check('it depends on the libraries that it uses', all(name in depends for name in ('libc6', 'libevent-core', 'libssl3', 'libyaml-0-2', 'libsystemd0', 'libidn12')),
          depends)
    listing = run('dpkg-deb', '-c', package).stdout
    for path in ('usr/bin/headgate', 'systemd/system/headgate.service', 'systemd/system/headgate.socket', 'sysusers.d/headgate.conf',
                 'share/man/man8/headgate.8.gz', 'examples/headgate.yaml', 'examples/policy.yaml', 'examples/schema.sql', 'share/doc/headgate/copyright'):
        check('it holds ' + path, path in listing, listing)


class Inside:
    """Commands in one installation: each is said to the shell in the overlay, with its output between marks."""

    def __init__(self):
        self.script, self.checks = [], []

    def add(self, name, command, judge):
        n = len(self.checks)
        self.script.append('echo "@@%d"; { %s ; } 2>&1; echo "@@status $?"' % (n, command))
        self.checks.append((name, judge))

    def go(self, package):
        with tempfile.TemporaryDirectory(prefix='headgate-package-') as place:
            done = run('unshare', '--mount', '/bin/bash', '-c', OVERLAY, 'overlay', place, package, '\n'.join(self.script))
        if '@@0' not in done.stdout:
            check('the package is installed', False, done.stdout + done.stderr)
            return
        parts = done.stdout.split('@@')
        for n, (name, judge) in enumerate(self.checks):
            said = parts[2 * n + 1].split('\n', 1)[1]
            status = int(parts[2 * n + 2].split()[1])
            check(name, judge(status, said), '%s(exit status %d)' % (said, status))


def why_no_overlay():
    """Why this machine cannot mount one, or ''."""
    if os.geteuid() != 0:
        return 'only root can mount'
    with tempfile.TemporaryDirectory(prefix='headgate-package-') as place:
        done = run('unshare', '--mount', '/bin/bash', '-c', OVERLAY, 'overlay', place, '/dev/null', 'true')
    return done.stderr.strip() if done.returncode else ''


def exposure(said):
    line = [part for part in said.split('\n') if 'Overall exposure level' in part]
    return float(line[0].split(':')[1].split()[0]) if line else 10


def check_installed(package):
    inside = Inside()
    fine = lambda status, _: status == 0  # noqa: E731
    inside.add('dpkg installs it', 'dpkg -i /opt/headgate.deb', fine)
    inside.add('the user is there and cannot log in', 'getent passwd headgate', lambda status, said: status == 0 and said.strip().endswith('/nologin'))
    inside.add('its configuration is for root and the service only', 'stat -c "%a %U %G" /etc/headgate', lambda _, said: said.strip() == '750 root headgate')
    inside.add('the program runs', 'headgate --version', lambda status, said: status == 0 and said.startswith('headgate '))
    inside.add('the samples are sound', 'cp /usr/share/doc/headgate/examples/* /etc/headgate/ && headgate check -c /etc/headgate/headgate.yaml', fine)
    inside.add('systemd takes the units', 'systemd-analyze verify headgate.service headgate.socket', lambda status, said: status == 0 and not said.strip())
    inside.add('the service may do little', 'systemd-analyze security --offline=true headgate.service', lambda _, said: exposure(said) <= EXPOSURE)
    inside.add('the manual page is one', 'man --warnings -E UTF-8 -l /usr/share/man/man8/headgate.8.gz',
               lambda status, said: status == 0 and 'warning:' not in said and 'SIGUSR2' in said and 'backends.<name>.pool_size' in said)
    inside.add('it can be installed again', 'dpkg -i /opt/headgate.deb', fine)
    inside.add('a removal keeps the configuration', 'dpkg -r headgate && test -e /etc/headgate/headgate.yaml && ! test -e /usr/bin/headgate', fine)
    inside.add('a purge leaves no program', 'dpkg -P headgate && ! test -e /usr/lib/systemd/system/headgate.service', fine)
    inside.go(package)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--build', required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='headgate-cpack-') as target:
        package = build(arguments.build, target)
        if package:
            check_control(package)
            why = why_no_overlay()
            if why:
                print('left out: installing the package, because an overlay cannot be mounted here: ' + why)
            else:
                check_installed(package)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
