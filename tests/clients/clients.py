"""The clients, in the order in which they run: how each is started, and what it needs."""
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = '/usr/bin/python3'


class Unavailable(Exception):
    """The client's packages are not here; says what is missing. wanted: conf/setup should have seen to it."""

    def __init__(self, reason, wanted=True):
        super().__init__(reason)
        self.wanted = wanted


class Client:
    def __init__(self, name, command, users=('acme_bi',), needs=()):
        """needs: programs and files that have to be there (conf/setup --for test installs them)."""
        self.name, self.command, self.users, self.needs = name, command, users, needs
        self.environment = {}

    def prepare(self, directory):
        """Before the first run; directory: for what it has to build."""
        missing = [need for need in self.needs if not (os.path.exists(need) if '/' in need else shutil.which(need))]
        if missing:
            raise Unavailable('not installed: ' + ', '.join(missing))


def psql_script(name, users=('acme_bi',)):
    # psql writes errors at once and rows when its buffer is full: stdbuf keeps them in order
    return Client('psql-' + name, ['stdbuf', '-oL', 'psql', '-X', '-f', 'psql/%s.sql' % name], users, ['psql', 'stdbuf'])


def python(name, users=('acme_bi',)):
    return Client(name, [PYTHON, 'python/%s_steps.py' % name], users)


def replay(name):
    return Client('replay-' + name, [PYTHON, 'replays/replay.py', 'replays/%s.sql' % name], ('acme_bi', 'acme_masked'))


class Node(Client):
    """The packages come from Debian (node-pg) or, where npm is, from package.json; postgres.js and Cube's driver only from the latter."""

    def __init__(self, package, program=None):
        program = program or package
        super().__init__('node-' + program, ['node', 'node/%s.js' % program], needs=['node'])
        self.package = package

    def prepare(self, directory):
        super().prepare(directory)
        modules = os.path.join(directory, 'node_modules')
        if shutil.which('npm') and not os.path.exists(modules):
            for file in ('package.json', 'package-lock.json'):
                shutil.copy(os.path.join(HERE, 'node', file), directory)
            done = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--prefer-offline'], cwd=directory, capture_output=True, text=True)
            if done.returncode != 0:
                raise Unavailable('npm ci failed: ' + done.stderr[-500:])
        places = [modules, '/usr/share/nodejs', '/usr/lib/nodejs']
        if not any(os.path.exists(os.path.join(place, self.package)) for place in places):
            raise Unavailable('no package %s' % self.package, wanted=self.package == 'pg')
        self.environment = {'NODE_PATH': ':'.join(places)}


class Java(Client):
    """Compiled with Debian's ecj, which needs no JDK."""
    JARS = ['/usr/share/java/postgresql.jar', '/usr/share/java/ecj.jar']

    def __init__(self, name, program='Jdbc', users=('acme_bi',)):
        super().__init__(name, [], users, ['java'] + self.JARS)
        self.program = program

    def prepare(self, directory):
        super().prepare(directory)
        done = subprocess.run(['java', '-cp', self.JARS[1], 'org.eclipse.jdt.internal.compiler.batch.Main', '-11', '-nowarn', '-cp', self.JARS[0], '-d', directory,
                               os.path.join(HERE, 'java', self.program + '.java')],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(done.stdout + done.stderr)
        self.command = ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', '%s:%s' % (directory, self.JARS[0]), self.program]


REPLAYS = ['tableau', 'npgsql', 'metabase', 'superset', 'grafana', 'dbt', 'dbeaver', 'datagrip', 'pgadmin', 'quicksight']

CLIENTS = [
    psql_script('describe'),
    psql_script('queries'),
    psql_script('copy', ('acme_rw',)),
    python('copy', ('acme_rw',)),
    python('psycopg2'),
    python('psycopg'),
    python('sqlalchemy'),
    python('asyncpg'),
    python('odbc'),
    Java('pgjdbc'),
    Java('pgjdbc-copy', 'Copy', ('acme_rw',)),
    Node('pg'),
    Node('postgres'),
    Node('@cubejs-backend/postgres-driver', 'cube'),
    Client('dbd-pg', ['perl', 'others/dbd.pl'], needs=['perl', '/usr/lib/x86_64-linux-gnu/perl5/5.36/DBD/Pg.pm']),
    Client('ruby', ['ruby', 'others/ruby.rb'], needs=['ruby']),
    Client('php', ['php', 'others/pdo.php'], needs=['php']),
    Client('r', ['Rscript', '--vanilla', 'others/rpostgresql.R'], needs=['Rscript', '/usr/lib/R/site-library/RPostgreSQL']),
    *[replay(name) for name in REPLAYS],
    Client('psql', [PYTHON, 'psql/process.py'], needs=['psql', 'stdbuf']),
]
