#!/usr/bin/python3
"""The second wall, on real servers: the SQL that `headgate walls` prints is run, `headgate check --live` finds nothing; then each thing
is broken in turn and exactly that is found; then tenants meet the walls through Headgate with a rewriter that was told to add no
predicate: what they see is what row security lets through.

    tests/walls/run.py [--headgate BINARY] [--only REGEX] [-v]
"""
import argparse
import os
import re
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from drift import CATALOG, DRIFT  # noqa: E402
from world import DATABASE, ROWS, TYPES, World  # noqa: E402
import serving  # noqa: E402

passed = failed = 0
options = None


def check(held, what):
    global passed, failed
    passed += bool(held)
    failed += not held
    if not held:
        print('FAIL %s' % what, flush=True)
    elif options.v:
        print('ok   %s' % what, flush=True)


def as_service(world, sql, tenant=None):
    """What Headgate's own user sees: rows of one column."""
    setting = '' if tenant is None else "SET headgate.tenant = '%s';" % tenant
    return world.sql('SET ROLE headgate; SET search_path = pg_catalog;' + setting + sql).split('\n')


# ---- the scripts ----

def building(world, types):
    script = world.print_walls('data')
    world.build_walls()
    first = world.sql(script)
    check(world.sql(script) == first, '%s: the script can be run again' % types)
    status, found, err = world.live()
    check(status == 0 and all(severity == 'note' for severity, _, _ in found), '%s: nothing is found behind fresh walls: %s' % (types, err))
    check('password' not in script.lower().replace('\\password', '').replace('its password is yours', ''), 'no password is printed')
    try:
        world.sql(script, DATABASE)
        check(False, 'the script of another database is refused')
    except Exception as e:
        check('this is database "analytics"' in str(e), 'the script of another database is refused: %s' % e)


def seeing(world, types):
    for table, rows in ROWS.items():
        for tenant, value in world.tenants.items():
            got = as_service(world, 'SELECT count(*) FROM %s' % table, value)
            check(got == [str(rows)], '%s: %s shows %s its own %d rows: %s' % (types, table, tenant, rows, got))
        check(as_service(world, 'SELECT count(*) FROM %s' % table) == ['0'], '%s: %s shows nothing without a tenant' % (types, table))
        check(as_service(world, 'SELECT count(*) FROM %s' % table, '') == ['0'], '%s: %s shows nothing to an empty tenant' % (types, table))
        check(as_service(world, "SET headgate.tenant TO DEFAULT; SELECT count(*) FROM %s" % table, '1') == ['0'],
              '%s: %s shows nothing after a reset' % (types, table))
    check(as_service(world, 'SELECT count(*) FROM public.channels') == ['2'], '%s: a shared table shows its rows' % types)
    check(as_service(world, 'SELECT count(*) FROM public.logs') == ['16'], '%s: a table that declines has no wall' % types)
    mine, other = world.tenants['acme'], world.tenants['globex']
    for sql, what in (("INSERT INTO public.messages (tenant_id, id) VALUES ('%s', 99)" % other, 'a foreign row is not inserted'),
                      ("UPDATE public.messages SET tenant_id = '%s' WHERE id = 1" % other, 'a row does not move'),
                      ('SELECT * FROM public.visits_old', 'a partition is not read'), ('SELECT * FROM public.phones', 'a child is not read'),
                      ('SELECT email FROM public.contacts', 'a hidden column is not read'), ('SELECT * FROM public.secrets', 'another table is not read'),
                      ('CREATE TABLE public.x (a int)', 'nothing is created'), ('CREATE TEMP TABLE x (a int)', 'nothing temporary is created'),
                      ('TRUNCATE public.messages', 'nothing is truncated'), ('ALTER TABLE public.messages DISABLE ROW LEVEL SECURITY', 'a wall stays'),
                      ('DELETE FROM public.notes', 'what no role writes is not written')):
        try:
            as_service(world, sql, mine)
            check(False, '%s: %s' % (types, what))
        except Exception as e:
            check('permission denied' in str(e) or 'row-level security' in str(e) or 'must be owner' in str(e), '%s: %s: %s' % (types, what, e))
    check(as_service(world, "UPDATE public.messages SET body = 'x' WHERE id = 1 RETURNING 1", mine) == ['1'], '%s: own rows are updated' % types)
    check(as_service(world, "INSERT INTO public.tickets (tenant_id, title) VALUES ('%s', 'x') RETURNING 1" % mine, mine) == ['1'],
          '%s: a serial column gets its number' % types)
    check(as_service(world, "DELETE FROM public.messages WHERE body = 'x' RETURNING 1", other) == [''], '%s: foreign rows are not deleted' % types)
    world.sql("DELETE FROM public.tickets WHERE title = 'x'")


# ---- drift ----

def expect(world, what, expected, backend, name):
    status, found, err = world.live()
    notes = {text for severity, _, text in found if severity == 'note'}
    wrong = [f for f in found if f[0] != 'note' and not any(f[0] == e[0] and f[1] == backend and re.fullmatch(e[1], f[2]) for e in expected)]
    absent = [e for e in expected if not any(f[0] == e[0] and re.fullmatch(e[1], f[2]) for f in found)]
    errors = any(severity == 'error' for severity, _, _ in found)
    check(not wrong and not absent and status == int(errors), '%s: %s: unexpected %s, absent %s, status %d' % (name, what, wrong, absent, status))
    return notes, err


def drift(world, rows, backend, database, mend):
    for what, breaks, mends, expected in rows:
        if options.only and not re.search(options.only, what):
            continue
        world.sql(breaks.format(**world.types, t=world.types['undeclared'], me='headgate'), database)
        expect(world, what, expected, backend, 'broken')
        if mends:
            world.sql(mends.format(**world.types, t=world.types['undeclared'], me='headgate'), database)
        mend()
    status, found, err = world.live()
    check(status == 0 and all(f[0] == 'note' for f in found), 'all is mended: %s' % err)


def drifting(world):
    drift(world, DRIFT, 'data', 'data', lambda: world.sql(world.print_walls('data')))
    drift(world, CATALOG, 'catalog', DATABASE, lambda: world.run('catalog'))
    # Walls off, but row security on: tenants would see nothing.
    world.write_config(walls='off')
    status, found, _ = world.live()
    check(status == 1 and {f[2].split(': ')[0] for f in found if f[0] == 'error'} == {'table ' + t for t in ROWS},
          'walls off before row security: each table is told of: %s' % found)
    world.write_config()
    # Nothing is said of passwords; a server that is not there is an error.
    world.environment['HG_TEST_PASSWORD'] = 'another'
    status, found, err = world.live()
    check(status == 1 and {f[1] for f in found} == {'data', 'catalog'} and 'another' not in err, 'a wrong password: %s' % err)
    world.environment['HG_TEST_PASSWORD'] = 'wall-password'


def redshift(world):
    """Redshift's questions, as far as PostgreSQL has what they ask."""
    world.write_config(dialect='redshift')
    world.write_policy(writes='[]')
    status, found, err = world.live()
    texts = [f[2] for f in found if f[1] == 'data' and f[0] == 'error']
    check(all('nobody needs' in t for t in texts), 'redshift: only rights to write are found: %s' % err)
    world.sql('ALTER TABLE public.messages DISABLE ROW LEVEL SECURITY; REVOKE SELECT ON public.notes FROM headgate; ALTER ROLE headgate SUPERUSER')
    status, found, err = world.live()
    check(status == 1 and 'user headgate: is a superuser' in err and 'has no wall: it shows a row when no tenant is set' in err, 'redshift: drift is found: %s' % err)
    world.sql('ALTER ROLE headgate NOSUPERUSER')
    out = world.print_walls('data')
    check('CREATE RLS POLICY headgate_tenant_1' in out and 'has not been tried on a real Redshift' in out and 'DO $' not in out, 'redshift: its own script')
    world.write_config()
    world.write_policy()


def main():
    global options
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--headgate', default='build/dev/headgate')
    arguments.add_argument('--only', help='a regular expression on the drifts')
    arguments.add_argument('-v', action='store_true')
    options = arguments.parse_args()
    for types in TYPES:
        if options.only and types != 'text':
            continue
        with World(os.path.abspath(options.headgate), types) as world:
            try:
                building(world, types)
                seeing(world, types)
                if types == 'text':
                    drifting(world)
                    serving.run(world, check)
                    redshift(world)
                else:
                    serving.run_briefly(world, check)
            except Exception:
                check(False, '%s: %s' % (types, traceback.format_exc()))
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
