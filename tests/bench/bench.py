"""The measurements of tests/bench/run. Every figure is printed with the command line that made it.

The three ways to the same rows are measured in turn, round after round, on one machine: the ratios of medians, in brackets, are what
counts; absolute figures are those of the machine. All three share its processors with the database and with the clients: something in
between can be as fast as a direct connection only where that waits for something else. Direct connections and PgBouncer run the statement
with the tenant's predicate written by hand.
"""
import argparse
import os
import pwd
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
import wire  # noqa: E402
from cluster import Cluster  # noqa: E402
from headgate import Headgate, free_port, verifier  # noqa: E402

BINARY = os.path.join(ROOT, 'build', 'release', 'headgate')
PGBENCH = '/usr/lib/postgresql/15/bin/pgbench'
PASSWORD = 'bench'
DATABASE = 'bench'
ROWS = 100000
STREAM_SQL = 'SELECT aid, repeat(md5(aid::text), 32) AS wide FROM accounts'
COPY = 'COPY (%s) TO STDOUT'

SCHEMA = 'CREATE TABLE public.accounts (aid integer PRIMARY KEY, bid integer, abalance integer, filler character(84));\n'
POLICY = """database: bench
tenant_column: tenant_id
schema: schema.sql
tables:
  public.accounts: {backends: [main]}
roles:
  reader: {read: ["*"], write: []}
tenants:
  acme: {value: acme}
users:
  acme: {tenant: acme, role: reader, password: "%s"}
"""


class Bench:
    def __init__(self, options):
        self.options = options
        self.rounds, self.seconds = (2, 2) if options.quick else (5, 4)
        self.directory = tempfile.mkdtemp(prefix='headgate-bench-')
        os.chmod(self.directory, 0o755)
        self.cluster = Cluster('bench', settings={'max_connections': 300})
        self.binary = BINARY
        self.headgate = self.pgbouncer = None
        self.ways = {}

    # ---- the stage ----

    def start(self):
        self.cluster.start()
        self.cluster.sql("CREATE ROLE acme LOGIN PASSWORD '%s'" % PASSWORD)
        self.cluster.sql('CREATE DATABASE data OWNER acme')
        self.cluster.sql('CREATE DATABASE bench OWNER acme')
        self.cluster.sql("""CREATE TABLE accounts (tenant_id text NOT NULL, aid integer NOT NULL, bid integer, abalance integer, filler character(84), PRIMARY KEY (tenant_id, aid));
            INSERT INTO accounts SELECT t, i, i %% 10, i * 7, 'filler ' || i FROM generate_series(1, %d) i, unnest(ARRAY['acme', 'globex', 'initech']) t;
            ALTER TABLE accounts OWNER TO acme; VACUUM ANALYZE accounts;""" % ROWS, database='data')
        self.start_pgbouncer()
        self.start_headgate()
        self.ways = {'direct': (self.cluster.port, 'data'), 'pgbouncer': (self.pgbouncer_port, 'data'), 'headgate': (self.headgate.port, DATABASE)}
        self.write('point_by_hand.sql', "\\set aid random(1, %d)\nSELECT abalance FROM accounts WHERE tenant_id = 'acme' AND aid = :aid;\n" % ROWS)
        self.write('point.sql', '\\set aid random(1, %d)\nSELECT abalance FROM accounts WHERE aid = :aid;\n' % ROWS)
        self.write('new_by_hand.sql', "\\set aid random(1, %d)\nSELECT abalance AS a:aid FROM accounts WHERE tenant_id = 'acme' AND aid = :aid;\n" % ROWS)
        self.write('new.sql', '\\set aid random(1, %d)\nSELECT abalance AS a:aid FROM accounts WHERE aid = :aid;\n' % ROWS)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, 'w', encoding='utf8') as f:
            f.write(text)
        os.chmod(path, 0o644)
        return path

    def start_headgate(self):
        port = free_port()
        self.write('schema.sql', SCHEMA)
        self.write('policy.yaml', POLICY % verifier(BINARY, PASSWORD))
        backend = '{dialect: postgresql, host: 127.0.0.1, port: %d, database: %s, user: acme, password_env: HG_BENCH_PASSWORD, pool_size: 80}\n'
        self.write('headgate.yaml', 'listen: 127.0.0.1:%d\ntls: {mode: disable}\npolicy: policy.yaml\nworkers: 2\nbackends:\n  main: ' % port
                   + backend % (self.cluster.port, 'data') + '  catalog: ' + backend % (self.cluster.port, 'bench'))
        self.headgate = Headgate(self.binary, os.path.join(self.directory, 'headgate.yaml'), port, {'HG_BENCH_PASSWORD': PASSWORD})
        self.headgate.catalog()
        self.headgate.start()

    @staticmethod
    def pgbouncer_version():
        said = subprocess.run(['/usr/sbin/pgbouncer', '--version'], capture_output=True, text=True, check=True).stdout
        return re.search(r'PgBouncer (\d+)\.(\d+)', said)

    def pgbouncer_prepares(self):
        """Does it know prepared statements in transaction pooling?"""
        return tuple(map(int, self.pgbouncer_version().groups())) >= (1, 21)

    def start_pgbouncer(self):
        self.pgbouncer_port = free_port()
        self.write('users.txt', '"acme" "%s"\n' % PASSWORD)
        config = self.write('pgbouncer.ini', """[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s/users.txt
pool_mode = transaction
default_pool_size = 80
max_client_conn = 3000
ignore_startup_parameters = extra_float_digits
%s
logfile =
log_connections = 0
log_disconnections = 0
""" % (self.cluster.port, self.pgbouncer_port, self.directory, 'max_prepared_statements = 200' if self.pgbouncer_prepares() else ''))
        # the daemon refuses to run as root
        user = pwd.getpwnam('postgres') if os.getuid() == 0 else None
        self.pgbouncer = subprocess.Popen(['/usr/sbin/pgbouncer', '-q', config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                          user=user.pw_uid if user else None, group=user.pw_gid if user else None)
        for _ in range(100):
            try:
                wire.Wire('127.0.0.1', self.pgbouncer_port).drop()
                return
            except wire.WireError:
                time.sleep(0.05)
        raise RuntimeError('pgbouncer does not start')

    def stop(self):
        if self.headgate:
            self.headgate.stop()
        if self.pgbouncer:
            self.pgbouncer.terminate()
            self.pgbouncer.wait()
        self.cluster.stop()
        subprocess.run(['rm', '-rf', self.directory], check=False)

    # ---- measuring ----

    def interleaved(self, measure, ways=None):
        """measure(way) some times for each way in turn: the median for each."""
        taken = {way: [] for way in ways or self.ways}
        for _ in range(self.rounds):
            for way in taken:
                taken[way].append(measure(way))
        return {way: statistics.median(values) for way, values in taken.items()}

    @staticmethod
    def report(what, unit, medians, more_is_better=True):
        direct = medians['direct']
        parts = []
        for way, value in medians.items():
            ratio = value / direct if direct else 0
            parts.append('%s %10.1f (%.2f)' % (way, value, ratio))
        print('%-34s %-8s %s' % (what, unit, '   '.join(parts)), flush=True)

    def pgbench(self, way, mode, clients, extra=(), script='point'):
        port, database = self.ways[way]
        script += '.sql' if way == 'headgate' else '_by_hand.sql'
        command = [PGBENCH, '-n', '-h', '127.0.0.1', '-p', str(port), '-U', 'acme', '-M', mode, '-c', str(clients), '-j', str(min(clients, 2)),
                   '-T', str(self.seconds), '-f', os.path.join(self.directory, script), *extra, database]
        self.last_command = ' '.join(command)
        for _ in range(3):  # on a busy machine the clients may still be connecting when the time is over
            done = subprocess.run(command, env=dict(os.environ, PGPASSWORD=PASSWORD), capture_output=True, text=True)
            match = re.search(r'tps = ([0-9.]+)', done.stdout)
            if match and done.returncode == 0:
                return float(match.group(1))
        raise RuntimeError('pgbench failed: %s\n%s%s' % (' '.join(command), done.stdout, done.stderr))

    def point_selects(self):
        print('\nPoint selects, transactions a second; in brackets how many of a direct connection\'s that are. Of pgbench\'s modes, `simple` sends a text\n'
              'with another number each time, `extended` Parse, Bind, Describe and Execute of one text, `prepared` all but the Parse.')
        print('%s: %s.' % (self.pgbouncer_version().group(0), 'with max_prepared_statements' if self.pgbouncer_prepares() else
                           'before 1.21 it has no prepared statements in transaction pooling, so there is no figure of it for `prepared`'))
        for mode in ('simple', 'extended', 'prepared'):
            for clients in (1, 8, 64):
                ways = [w for w in self.ways if not (mode == 'prepared' and w == 'pgbouncer' and not self.pgbouncer_prepares())]
                self.report('pgbench %s, %d clients' % (mode, clients), 'tps', self.interleaved(lambda w: self.pgbench(w, mode, clients), ways))
        print('  $ ' + self.last_command)
        print('The same where no text has the form of one before it, so that each is rewritten and proved anew: other names of the column')
        self.report('pgbench simple, 8 clients', 'tps', self.interleaved(lambda w: self.pgbench(w, 'simple', 8, script='new')))
        print('  $ ' + self.last_command)

    def connections(self):
        print('\nConnections: a new one for each transaction. What both sides hash for SCRAM is a part of all three; direct ones start a process each')
        self.report('pgbench -C, 8 clients', 'tps', self.interleaved(lambda w: self.pgbench(w, 'simple', 8, ('-C',))))
        print('  $ ' + self.last_command)

    def stream(self, way, form='%s'):
        port, database = self.ways[way]
        sql = form % (STREAM_SQL + ('' if way == 'headgate' else " WHERE tenant_id = 'acme'"))
        connection = wire.connect('127.0.0.1', port, 'acme', PASSWORD, database)
        connection.sock.settimeout(120)
        began = time.monotonic()
        connection.send(wire.query(sql))
        total, tail = 0, b''
        while not tail.endswith(b'Z\0\0\0\5I'):
            data = connection.sock.recv(1 << 20)
            if not data:
                raise RuntimeError('%s closed the connection' % way)
            total += len(data)
            tail = (tail + data)[-6:]
        taken = time.monotonic() - began
        connection.end()
        self.streamed = total
        return total / taken / 1e6

    def streaming(self):
        print('\nStreaming one large result')
        medians = self.interleaved(self.stream)
        self.report('%.0f MB result' % (self.streamed / 1e6), 'MB/s', medians)
        print('  $ ' + STREAM_SQL)
        medians = self.interleaved(lambda way: self.stream(way, COPY))
        self.report('%.0f MB by COPY TO STDOUT' % (self.streamed / 1e6), 'MB/s', medians)
        print('  $ ' + COPY % STREAM_SQL)

    @staticmethod
    def resident(pid):
        with open('/proc/%d/status' % pid) as f:
            return int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1)) * 1024

    def idle_memory(self):
        count = 300 if self.options.quick else 1000
        print('\nMemory per idle client (%d clients, each has run one statement)' % count)
        figures = {}
        for way, pid in (('pgbouncer', self.pgbouncer.pid), ('headgate', self.headgate.process.pid)):
            port, database = self.ways[way]
            before, clients = self.resident(pid), []
            for _ in range(count):
                clients.append(wire.connect('127.0.0.1', port, 'acme', PASSWORD, database))
                clients[-1].simple('SELECT abalance FROM accounts WHERE aid = 1')
            figures[way] = (self.resident(pid) - before) / count
            for client in clients:
                client.end()
        print('%-34s %-8s %s' % ('resident memory', 'bytes', '   '.join('%s %10.0f' % f for f in figures.items())))

    @staticmethod
    def instructions(program, what, text, rounds=10, runs=5):
        """Instructions of one rewrite: no other load on the machine changes them."""
        command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', '--toggle-collect=bench_' + what, program, str(rounds), str(text)]
        done = subprocess.run(command, capture_output=True, text=True)
        return int(re.search(r'Collected : (\d+)', done.stderr).group(1)) / (rounds * runs)

    def rewriting(self):
        print('\nThe rewrite alone')
        program = os.path.join(ROOT, 'build', 'release', 'tests', 'bench_rewrite')
        print(subprocess.run([program], check=True, capture_output=True, text=True).stdout, end="")
        print('  $ build/release/tests/bench_rewrite')
        for text in (0, 1, 2):
            print('%5s: %10.0f instructions when seen first, %8.0f when seen before'
                  % (('q60', 'q600', 'q5k')[text], self.instructions(program, 'miss', text), self.instructions(program, 'hit', text)))
        print('  $ valgrind --tool=callgrind --toggle-collect=bench_miss build/release/tests/bench_rewrite 10 1', flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument('--quick', action='store_true', help='shorter rounds')
    bench = Bench(arguments.parse_args())
    try:
        bench.start()
        bench.rewriting()
        bench.idle_memory()  # first: the processes are still as small as they begin
        bench.point_selects()
        bench.connections()
        bench.streaming()
    finally:
        bench.stop()


if __name__ == '__main__':
    main()
