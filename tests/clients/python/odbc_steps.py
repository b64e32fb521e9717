"""psqlODBC: whole results, and cursors that it declares itself (UseDeclareFetch), inside of transactions and outside."""
import os

import pyodbc

from steps import attempt, header, rows, step


def connect(**more):
    settings = dict(DRIVER='PostgreSQL Unicode', SERVER=os.environ['PGHOST'], PORT=os.environ['PGPORT'], DATABASE=os.environ['PGDATABASE'],
                    UID=os.environ['PGUSER'], PWD=os.environ['PGPASSWORD'], SSLmode='disable', **more)
    return pyodbc.connect(';'.join('%s=%s' % item for item in settings.items()), autocommit=True)


LARGE = 'SELECT id, campaign_id FROM messages ORDER BY id'
MODES = {'whole': {}, 'declare': {'UseDeclareFetch': 1, 'Fetch': 7}, 'declare, prepared': {'UseDeclareFetch': 1, 'Fetch': 7, 'UseServerSidePrepare': 1},
         'by simple queries': {'UseServerSidePrepare': 0}, 'declare by simple queries': {'UseDeclareFetch': 1, 'Fetch': 3, 'UseServerSidePrepare': 0}}

for name, mode in MODES.items():
    @step('a large result: ' + name)
    def _(mode=mode):
        c = connect(**mode)
        cursor = c.cursor()
        rows(cursor.execute(LARGE).fetchmany(20))
        rows(cursor.fetchall()[:3])
        c.close()

    @step('several at once: ' + name)
    def _(mode=mode):
        c = connect(**mode)
        a, b = c.cursor(), c.cursor()
        a.execute(LARGE)
        b.execute('SELECT id, name FROM campaigns ORDER BY id')
        for _ in range(3):
            rows(a.fetchmany(5))
            rows(b.fetchmany(2))
        a.close()
        rows(b.fetchall())
        rows(c.execute('SELECT count(*) FROM channels').fetchall())
        c.close()

    @step('parameters: ' + name)
    def _(mode=mode):
        c = connect(**mode)
        cursor = c.cursor()
        for least in (5500003, 5500006):
            rows(cursor.execute('SELECT id, name FROM campaigns WHERE id > ? AND name LIKE ? ORDER BY id', least, 'ACME%').fetchall())
        c.close()

    @step('transactions: ' + name)
    def _(mode=mode):
        c = connect(**mode)
        c.autocommit = False
        cursor = c.cursor()
        rows(cursor.execute(LARGE).fetchmany(3))
        attempt(c.execute, 'SELECT nonesuch FROM campaigns')
        c.rollback()
        rows(c.execute('SELECT count(*) FROM messages').fetchall())
        c.commit()
        cursor = c.execute(LARGE)
        rows(cursor.fetchmany(9))
        c.commit()
        rows(c.execute('SELECT 1').fetchall())
        c.close()

    @step('catalogs: ' + name)
    def _(mode=mode):
        c = connect(**mode)
        rows(sorted(tuple(str(v) for v in row[1:4]) for row in c.cursor().tables(table='c%')))
        rows([(row.column_name, row.type_name) for row in c.cursor().columns(table='campaigns')])
        rows([row.column_name for row in c.cursor().primaryKeys(table='campaigns')])
        c.close()

header('end')
