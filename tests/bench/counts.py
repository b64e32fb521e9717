"""The instructions that one statement costs Headgate outside of the kernel, from its first byte to its last, by how it is sent.

Headgate runs under callgrind, which counts while one client of pgbench sends statements: so much is the same on any machine and under any load,
and small changes show. `--binary FILE` counts another build.
"""
import argparse
import os
import re
import subprocess

import bench

STATEMENTS = 500
WAYS = [('simple, other numbers', 'simple', 'point', ()), ('simple, no form twice', 'simple', 'new', ()), ('extended', 'extended', 'point', ()),
        ('prepared', 'prepared', 'point', ()), ('simple, a connection each', 'simple', 'point', ('-C',))]


class Counts(bench.Bench):
    def start_pgbouncer(self):
        self.pgbouncer_port = None  # it is not asked

    def start_headgate(self):
        self.wrapper = self.write('headgate', '#!/bin/sh\nexec valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=%s/count.%%p %s "$@"\n'
                                  % (self.directory, self.binary))
        os.chmod(self.wrapper, 0o755)
        self.binary = self.wrapper
        super().start_headgate()

    def control(self, *options):
        subprocess.run(['callgrind_control', *options, str(self.headgate.process.pid)], check=True, capture_output=True)

    def send(self, mode, script, extra, statements):
        command = [bench.PGBENCH, '-n', '-h', '127.0.0.1', '-p', str(self.headgate.port), '-U', 'acme', '-M', mode, '-c', '1', '-t', str(statements),
                   '-f', os.path.join(self.directory, script + '.sql'), *extra, bench.DATABASE]
        subprocess.run(command, env=dict(os.environ, PGPASSWORD=bench.PASSWORD), check=True, capture_output=True)

    def counted(self):
        """Since it was asked before; each answer is a file of its own."""
        dumps = [name for name in os.listdir(self.directory) if re.fullmatch(r'count\.%d\.\d+' % self.headgate.process.pid, name)]
        newest = max(dumps, key=lambda name: int(name.rsplit('.', 1)[1]))
        with open(os.path.join(self.directory, newest), encoding='utf8') as f:
            return int(re.search(r'^totals: (\d+)', f.read(), re.MULTILINE).group(1))

    def count(self, mode, script, extra):
        statements = STATEMENTS if not extra else STATEMENTS // 10
        self.send(mode, script, extra, 10)  # what is done once is done
        self.control('--instr=on')
        self.control('--zero')
        self.send(mode, script, extra, statements)
        self.control('--dump')
        self.control('--instr=off')
        return self.counted() / statements


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument('--binary', default=bench.BINARY)
    arguments.add_argument('--quick', action='store_true', help=argparse.SUPPRESS)
    options = arguments.parse_args()
    bench.BINARY = options.binary
    counts = Counts(options)
    try:
        counts.start()
        print('\nInstructions of Headgate, outside of the kernel, for a statement')
        for name, mode, script, extra in WAYS:
            print('%-34s %10.0f' % (name, counts.count(mode, script, extra)), flush=True)
    finally:
        counts.stop()


if __name__ == '__main__':
    main()
