"""The clients: how each is started, what it needs, and what the table in README.md says of it."""
import json
import os
import re
import shutil
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = '/usr/bin/python3'


class Unavailable(Exception):
    """The client's packages are not here; says what is missing. wanted: conf/setup should have seen to it."""

    def __init__(self, reason, wanted=True):
        super().__init__(reason)
        self.wanted = wanted


class Client:
    def __init__(self, name, driver, what, command, package, needs=(), users=('acme_bi',), seconds=1):
        """driver: whose line of the table it belongs to. what: is exercised. package: Debian's, for the version, or None. needs: programs and
        files that have to be there (conf/setup --for test installs them). seconds: it takes about that; long ones begin first."""
        self.name, self.driver, self.what, self.command, self.package = name, driver, what, command, package
        self.needs, self.users, self.seconds = needs, users, seconds
        self.writes = any(user.endswith('_rw') for user in users)
        self.environment = {}

    def prepare(self, directory):
        """Before the first run; directory: for what it has to build."""
        missing = [need for need in self.needs if not (os.path.exists(need) if '/' in need else shutil.which(need))]
        if missing:
            raise Unavailable('not installed: ' + ', '.join(missing))

    def version(self):
        if self.package is None:
            return ''
        out = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', self.package], capture_output=True, text=True, check=True).stdout
        return re.match(r'(?:\d+:)?([\d.]+\d)', out).group(1)


WRITER = ('acme_rw',)
BOTH = ('acme_bi', 'acme_masked')  # who sees everything, and who sees some tables and columns


def psql_script(name, what, users=('acme_bi',)):
    # psql writes errors at once and rows when its buffer is full: stdbuf keeps them in order
    return Client('psql-' + name, 'psql', what, ['stdbuf', '-oL', 'psql', '-X', '-f', 'psql/%s.sql' % name], 'postgresql-client-15', ['psql', 'stdbuf'], users)


def python(name, driver, what, package, users=('acme_bi',), seconds=2):
    return Client(name, driver, what, [PYTHON, 'python/%s_steps.py' % name], package, users=users, seconds=seconds)


def replay(name, tool):
    return Client('replay-' + name, tool, 'replayed: what it sends', [PYTHON, 'replays/replay.py', 'replays/%s.sql' % name], None, users=('acme_bi', 'acme_masked'))


class Node(Client):
    """The packages come from package.json where npm is, else node-postgres from Debian (node-pg), and the others are left out."""
    installing = threading.Lock()

    def __init__(self, program, driver, what, package, users=('acme_bi',), seconds=3):
        super().__init__('node-' + program, driver, what, ['node', 'node/%s.js' % program], package, ['node'], users, seconds)

    def prepare(self, directory):
        super().prepare(directory)
        modules = os.path.join(directory, 'node_modules')
        with self.installing:
            if shutil.which('npm') and not os.path.exists(modules):
                self.install(directory)
        self.places = [modules, '/usr/share/nodejs', '/usr/lib/nodejs']
        if not any(os.path.exists(os.path.join(place, self.package)) for place in self.places):
            raise Unavailable('no package %s' % self.package, wanted=self.package == 'pg')
        self.environment = {'NODE_PATH': ':'.join(self.places)}
        # the world goes before the table is made
        self.found = next(json.load(open(file, encoding='utf8'))['version'] for file in (os.path.join(place, self.package, 'package.json') for place in self.places)
                          if os.path.exists(file))

    def install(self, directory):
        for file in ('package.json', 'package-lock.json'):
            shutil.copy(os.path.join(HERE, 'node', file), directory)
        done = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'], cwd=directory, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable('npm ci failed: ' + done.stderr[-500:])

    def version(self):
        return self.found


class Java(Client):
    """Compiled with Debian's ecj, which needs no JDK."""
    JARS = ['/usr/share/java/postgresql.jar', '/usr/share/java/ecj.jar']

    def __init__(self, name, program, what, users=('acme_bi',), seconds=8):
        super().__init__(name, 'pgjdbc', what, [], 'libpostgresql-jdbc-java', ['java'] + self.JARS, users, seconds)
        self.program = program

    def prepare(self, directory):
        super().prepare(directory)
        classes = os.path.join(directory, self.name)
        done = subprocess.run(['java', '-cp', self.JARS[1], 'org.eclipse.jdt.internal.compiler.batch.Main', '-11', '-nowarn', '-cp', self.JARS[0], '-d', classes,
                               os.path.join(HERE, 'java', self.program + '.java')],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(done.stdout + done.stderr)
        self.command = ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', '%s:%s' % (classes, self.JARS[0]), self.program]


def perl(name, what, users=('acme_bi',)):
    return Client(name, 'DBD::Pg', what, ['perl', 'others/%s.pl' % name], 'libdbd-pg-perl', ['perl', '/usr/lib/x86_64-linux-gnu/perl5/5.36/DBD/Pg.pm'], users)


def ruby(name, driver, what, package, users=('acme_bi',)):
    return Client(name, driver, what, ['ruby', 'others/%s.rb' % name], package, ['ruby'], users)


def php(name, what, users=('acme_bi',)):
    return Client(name, 'PHP: PDO, pgsql', what, ['php', 'others/%s.php' % name], 'php8.2-pgsql', ['php'], users)


REPLAYS = {
    'tableau': 'Tableau', 'npgsql': 'Power BI (Npgsql)', 'metabase': 'Metabase', 'superset': 'Superset, Redash, Lightdash', 'grafana': 'Grafana', 'dbt': 'dbt', 'dbeaver': 'DBeaver',
    'datagrip': 'DataGrip, Postico, TablePlus', 'pgadmin': 'pgAdmin', 'quicksight': 'QuickSight, Sigma, Holistics, MicroStrategy, Looker, Qlik',
    'hand': 'SQL by hand',
}

CLIENTS = [
    psql_script('describe', 'backslash commands', users=BOTH),
    psql_script('meta', 'all of them with S and +', users=BOTH),
    psql_script('queries', 'queries, error positions, transactions, settings'),
    psql_script('more', 'FETCH_COUNT, formats, \\\\gdesc, \\\\gexec, \\\\crosstabview, \\\\if, \\\\copy out'),
    psql_script('copy', 'COPY and \\\\copy both ways', WRITER),
    Client('psql', 'psql', 'options, PG* environment, TLS to verify-full, channel binding, refused logins, and on a terminal: TAB, Ctrl-C, \\\\watch', [PYTHON, 'psql/process.py'],
           'postgresql-client-15', ['psql', 'stdbuf'], seconds=6),
    Java('pgjdbc', 'Jdbc', 'metadata, fetch sizes, batches, savepoints, autosave, cancel, timeouts, TLS, every query mode, text and binary', seconds=10),
    Java('pgjdbc-metadata', 'Metadata', 'DatabaseMetaData and ResultSetMetaData in full', BOTH),
    Java('pgjdbc-write', 'Write', 'batches, rewritten batches, generated keys, updatable results, types there and back', WRITER),
    Java('pgjdbc-copy', 'Copy', 'CopyManager', WRITER),
    python('odbc', 'psqlODBC', 'with and without UseDeclareFetch and UseServerSidePrepare: results, several at once, transactions, catalogs', 'odbc-postgresql'),
    python('odbc_catalog', 'psqlODBC', 'every catalog function, descriptors, errors inside transactions in each mode of Protocol', 'odbc-postgresql', BOTH),
    python('psycopg2', 'psycopg2', 'types, errors, transactions, server-side cursors, asynchronous, pool, cancel', 'python3-psycopg2'),
    python('psycopg', 'psycopg', 'types in text and binary, prepared statements, pipelines, streams, cursors, asyncio, cancel', 'python3-psycopg'),
    python('copy', 'psycopg2, psycopg, asyncpg: COPY', 'COPY both ways as text, CSV, rows, records', 'python3-psycopg', WRITER),
    python('write', 'psycopg2, psycopg: writing', 'RETURNING, executemany, pipelines, types there and back, errors of constraints', 'python3-psycopg', WRITER),
    python('orm_write', 'SQLAlchemy, Django, asyncpg: writing', 'units of work, bulk statements, ON CONFLICT, RETURNING, locks, savepoints, types there and back', 'python3-sqlalchemy', WRITER, 3),
    python('asyncpg', 'asyncpg', 'types in binary, cursors, prepared statements, pool and its resets, timeouts, COPY', 'python3-asyncpg', seconds=8),
    python('sqlalchemy', 'SQLAlchemy', 'inspector, reflection, expressions, sessions, streaming', 'python3-sqlalchemy', BOTH),
    Node('pg', 'node-postgres, pg-cursor, pg-query-stream', 'types, prepared statements, cursors, streams, pool, cancel, TLS', 'pg'),
    Node('postgres', 'postgres.js', 'parameters, pipelines, cursors, transactions, cancel, TLS', 'postgres'),
    Node('cube', "Cube's PostgreSQL driver", 'introspection, queries, streams', '@cubejs-backend/postgres-driver', BOTH),
    Node('write', 'node-postgres, pg-copy-streams, postgres.js: writing', 'RETURNING, types there and back, errors of constraints, COPY as streams', 'pg-copy-streams', WRITER),
    Node('orms', 'Knex, Sequelize, TypeORM', 'introspection, models, queries, transactions, streams', 'typeorm', BOTH, 5),
    python('django', 'Django', 'inspectdb, introspection, models, transactions, server-side cursors', 'python3-django', BOTH, 3),
    perl('dbd', 'placeholders, server prepare, metadata, asynchronous, COPY out'),
    perl('dbd_write', 'every *_info, COPY both ways, RETURNING, batches, types bound, asynchronous', WRITER),
    ruby('ruby', 'Ruby pg', 'types, prepared statements, single row mode, cancel, COPY out', 'ruby-pg'),
    ruby('activerecord', 'ActiveRecord, Sequel', 'introspection, models, queries, transactions, cursors', 'ruby-activerecord', BOTH),
    ruby('ruby_write', 'Ruby pg', 'writing: type maps, COPY encoders, pipelines, asynchronous', 'ruby-pg', WRITER),
    php('pdo', 'parameters native and emulated, column metadata, pg_* functions, COPY out'),
    php('pdo_write', 'writing, large values, COPY by PDO and pg_*, pg_meta_data, asynchronous', WRITER),
    Client('r', 'RPostgreSQL', 'tables, fields, queries, fetching in pieces, transactions', ['Rscript', '--vanilla', 'others/rpostgresql.R'], 'r-cran-rpostgresql',
           ['Rscript', '/usr/lib/R/site-library/RPostgreSQL'], seconds=2),
    Client('r_write', 'RPostgreSQL', 'writing, types, dbWriteTable', ['Rscript', '--vanilla', 'others/rpostgresql_write.R'], 'r-cran-rpostgresql',
           ['Rscript', '/usr/lib/R/site-library/RPostgreSQL'], WRITER),
    *[replay(name, tool) for name, tool in REPLAYS.items()],
    Client('catalogs', 'every system relation', 'its columns, and what must not stand in it', [PYTHON, 'replays/catalogs.py'], None, users=('acme_bi', 'acme_masked')),
]
