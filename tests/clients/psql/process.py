"""psql as a program: what the command line, the environment, pipes, a terminal and Ctrl-C do, and how logins are refused.

On a terminal (terminal.py's Psql) the steps complete names with TAB, cancel and watch.
"""
import os
import subprocess
import tempfile

from steps import step
from terminal import Psql


def psql(*arguments, stdin='', **environment):
    """Runs psql; prints what it printed and its exit status."""
    done = subprocess.run(['stdbuf', '-oL', 'psql', '-X', *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=dict(os.environ, **environment))
    print(done.stdout, end='')
    print('exit status', done.returncode)


@step('-c with several statements')
def _():
    psql('-c', 'SELECT 1 AS a; SELECT 2 AS b', '-c', 'SELECT 3 AS c')
    psql('-c', 'BEGIN; SELECT count(*) FROM campaigns; COMMIT; SELECT 1')
    psql('-c', 'SELECT 1 AS a; SELECT 1/0; SELECT 3 AS c', '-c', 'SELECT 4 AS d')
    psql('-c', '')
    psql('-c', ';;')


@step('-A -t and separators')
def _():
    psql('-At', '-F', ';', '-c', 'SELECT id, name, status FROM campaigns ORDER BY id')
    psql('-q', '--csv', '-c', 'SELECT * FROM channels ORDER BY id')
    psql('-E', '-At', '-c', '\\dn')


@step('a script on standard input')
def _():
    psql('-q', stdin='SELECT count(*) FROM campaigns;\nSELECT 1/0;\nSELECT 2 AS still;\n')
    psql('-q', '-v', 'ON_ERROR_STOP=1', stdin='SELECT 1;\nSELECT nothing;\nSELECT 2;\n')
    psql('-q', '-1', stdin='SELECT 1;\nSELECT 1/0;\nSELECT 2;\n')
    psql('-q', '-S', stdin='SELECT 1 AS one\nSELECT 2 AS two\n')
    psql('-q', stdin='SELECT count(*) FROM campaigns')
    psql('-q', '-v', 'n=3', stdin="SELECT :n + 1 AS sum, :'n' AS text;\n")


@step('output to a file and to a pipe')
def _():
    with tempfile.NamedTemporaryFile('r') as file:
        psql('-At', '-o', file.name, '-c', 'SELECT id FROM campaigns ORDER BY id')
        print(file.read())
    psql('-At', stdin='\\o | sort -r\nSELECT id FROM campaigns;\n\\o\n')


@step('a reader that goes away')
def _():
    done = subprocess.run("psql -X -Atc 'SELECT a.id FROM messages a, messages b, messages c' | head -2 | wc -l", shell=True, capture_output=True, text=True)
    print(done.stdout)


@step('PGOPTIONS')
def _():
    psql('-Atc', 'SHOW timezone', '-c', 'SELECT created_at FROM campaigns ORDER BY id LIMIT 1', PGOPTIONS='-c timezone=Asia/Tokyo')
    psql('-Atc', 'SHOW search_path', '-c', 'SELECT count(*) FROM contacts', PGOPTIONS='-c search_path=crm,public -c statement_timeout=5s')
    psql('-Atc', 'SHOW statement_timeout', PGOPTIONS='--statement-timeout=7s')
    psql('-Atc', 'RESET timezone', '-c', 'SHOW timezone', PGOPTIONS='-c timezone=Asia/Tokyo')
    psql('-Atc', 'SHOW nothing', PGOPTIONS='-c nothing=1')
    psql('-Atc', 'SHOW timezone', PGOPTIONS='-c timezone=Nowhere/Nothing')


@step('PGTZ, PGDATESTYLE, PGCLIENTENCODING, PGAPPNAME')
def _():
    psql('-Atc', 'SHOW timezone', PGTZ='America/New_York')
    psql('-Atc', 'SELECT created_at FROM campaigns ORDER BY id LIMIT 1', PGTZ='America/New_York', PGDATESTYLE='SQL, DMY')
    psql('-Atc', 'SHOW client_encoding', PGCLIENTENCODING='UTF8')
    psql('-Atc', 'SHOW application_name', PGAPPNAME='größe')


@step('sslmode')
def _():
    for mode in ('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'):
        print(mode)
        psql('-Atc', 'SELECT count(*) FROM campaigns', '-c', '\\conninfo', PGSSLMODE=mode)


@step('channel binding and TLS versions')
def _():
    psql('-Atc', 'SELECT 1', PGSSLMODE='require', PGCHANNELBINDING='require')
    psql('-Atc', 'SELECT 1', PGSSLMODE='verify-full', PGCHANNELBINDING='require')
    psql('-Atc', 'SELECT 2', PGSSLMODE='require', PGCHANNELBINDING='disable')
    psql('-Atc', 'SELECT 3', PGSSLMODE='disable', PGCHANNELBINDING='require')
    psql('-Atc', 'SELECT 4', PGSSLMODE='require', PGSSLMAXPROTOCOLVERSION='TLSv1.2')


@step('target_session_attrs')
def _():
    for wanted in ('any', 'read-write', 'primary', 'prefer-standby'):
        psql('-Atc', 'SELECT 1', PGTARGETSESSIONATTRS=wanted)


@step('target_session_attrs that nobody has')
def _():
    psql('-Atc', 'SELECT 1', PGTARGETSESSIONATTRS='standby')


@step('a wrong password')
def _():
    for mode in ('prefer', 'disable', 'require'):
        psql('-c', 'SELECT 1', PGPASSWORD='wrong', PGSSLMODE=mode)


@step('no password')
def _():
    environment = {name: value for name, value in os.environ.items() if name != 'PGPASSWORD'}
    done = subprocess.run(['psql', '-X', '-w', '-c', 'SELECT 1'], capture_output=True, text=True, env=environment)
    print(done.stderr, done.returncode)


@step('nobody by that name')
def _():
    psql('-U', 'nobody', '-c', 'SELECT 1')


@step('no such database')
def _():
    psql('-d', 'nothing', '-c', 'SELECT 1')


@step('pg_isready')
def _():
    done = subprocess.run(['pg_isready', '-t', '5'], capture_output=True, text=True)
    print(done.stdout, done.returncode)


@step('terminal: TAB completes names of tables')
def _():
    with Psql() as terminal:
        for text in ('SELECT * FROM camp', 'SELECT * FROM c', 'SELECT * FROM crm.', 'SELECT * FROM "Mi', 'TABLE mes', 'SELECT * FROM materialized.da'):
            terminal.complete(text)


@step('terminal: TAB completes what a backslash command takes')
def _():
    with Psql() as terminal:
        for text in ('\\d mes', '\\d c', '\\d cont', '\\dn m', '\\dt crm.', '\\df array_app', '\\dT deliv', '\\di camp', '\\du acme_b', '\\dy x', '\\sf array_app'):
            terminal.complete(text)


@step('terminal: TAB completes columns, settings and their values')
def _():
    with Psql() as terminal:
        for text in ('SET statement_t', 'SHOW search', 'RESET statement', 'SET search_path TO ', 'SET TRANSACTION ISOLATION LEVEL REPEATABLE ', 'BEGIN ISOLATION ',
                     'SELECT id FROM campaigns WHERE sta', 'ALTER TABLE campaigns DROP COLUMN bud', 'EXPLAIN SEL', "SET intervalstyle TO ", 'SET datestyle TO '):
            terminal.complete(text)


@step('terminal: TAB completes objects of every kind')
def _():
    with Psql() as terminal:
        for text in ('SELECT * FROM shop.cu', 'TABLE "Mixed', 'SELECT c.id FROM campaigns c JOIN cont', '\\d shop.or', '\\d+ crm.', '\\dD em', '\\dv pg_catalog.pg_ro', '\\di shop.refunds', '\\dn sh',
                     '\\dT shop.', '\\df pg_catalog.lpa', '\\da pg_catalog.string_', '\\dF engl', '\\db pg_d', '\\dA bt', '\\sv pg_tabl', '\\h SELE', '\\pset form', '\\encoding UTF', '\\dx plp', '\\copy cam'):
            terminal.complete(text)


@step('terminal: TAB completes words of statements')
def _():
    with Psql() as terminal:
        for text in ('INSERT INTO camp', 'INSERT INTO campaigns (na', 'UPDATE chan', 'UPDATE channels SET un', 'DELETE FROM mess', 'COPY conta', 'EXPLAIN ANALYZE SELECT * FROM ev', 'SELECT * FROM campaigns ORDER BY bud', 'LOCK TABLE aud',
                     'COMMENT ON TABLE camp', 'GRANT SELECT ON camp', 'DROP TYPE del', 'ALTER DOMAIN em', 'CREATE INDEX ON campaigns (st', 'ANALYZE mess', 'SET ROLE acme_b', 'SHOW searc', 'WITH x AS (SELECT * FROM ch'):
            terminal.complete(text)


@step('terminal: TAB completes nothing that is hidden or another\'s')
def _():
    with Psql() as terminal:
        for text in ('SELECT * FROM _mat', 'SELECT * FROM public._', '\\d store', '\\dn store', '\\d shop.notes_ar', 'SELECT * FROM pg_to', '\\l glob', 'SELECT * FROM shop.stock WHERE own'):
            terminal.complete(text)


@step('terminal: TAB inside a transaction')
def _():
    with Psql() as terminal:
        terminal.line('BEGIN;')
        terminal.complete('SELECT * FROM camp')
        terminal.line('SELECT 1/0;')
        terminal.complete('SELECT * FROM camp')
        terminal.line('ROLLBACK;')
        terminal.complete('SELECT * FROM camp')


@step('terminal: the prompt says who and where')
def _():
    with Psql('-v', 'PROMPT1=%n@%/%R%x%# ', '-v', 'PROMPT2=%n@%/%R%x%# ') as terminal:
        for line in ('SELECT 1;', 'BEGIN;', 'SELECT nothing;', 'ROLLBACK;', 'SELECT', '2;'):
            terminal.line(line, prompt=r'acme_bi@analytics[-=]\S*> ')


@step('terminal: Ctrl-C cancels a statement')
def _():
    with Psql() as terminal:
        terminal.interrupt('SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f;')
        terminal.line('SELECT count(*) FROM campaigns;')
        terminal.line('BEGIN;')
        terminal.interrupt('SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b;')
        terminal.line('SELECT 1;')
        terminal.line('ROLLBACK;')
        terminal.line('SELECT count(*) FROM campaigns;')


@step('terminal: \\watch')
def _():
    with Psql() as terminal:
        terminal.watch('SELECT count(*) AS campaigns FROM campaigns \\watch 0.05', times=3)
        terminal.line('SELECT 1 AS after;')


@step('terminal: statement_timeout')
def _():
    with Psql() as terminal:
        terminal.line("SET statement_timeout = '200ms';")
        terminal.line('SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f;')
        terminal.line('SELECT count(*) FROM campaigns;')
