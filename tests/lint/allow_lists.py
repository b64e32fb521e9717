#!/usr/bin/python3
"""Compares the rewriter's lists (rewrite/allow_*.def) with what their queries (rewrite/allow_*.sql) say on a real
PostgreSQL 15, and proves there that each replacement of a catalog relation can be read by an ordinary role and has the
row type of the original, and that neither it nor a relation that is read as it is shows a name of another role or
database, or of the service account.

    tests/lint/allow_lists.py [--write]     --write: writes the lists anew
"""
import argparse
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
from cluster import Cluster, ClusterError  # noqa: E402

LISTS = ['types', 'functions', 'operators', 'relations', 'settings']  # in this order: later queries read tables of earlier ones
HEADER = '/* Made by `tests/lint/allow_lists.py --write` from {name}.sql, where the query and every decision stand. */\n'
SERVICE, STRANGER = 'hg_service', 'hg_stranger'


def path_of(name, suffix):
    return os.path.join(ROOT, 'rewrite', f'allow_{name}.{suffix}')


def read(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except FileNotFoundError:
        return ''


def regenerate(cluster, database):
    """name of a list -> its text, as the queries say."""
    script = '\n'.join(f'\\echo @@@\n{read(path_of(name, "sql"))}' for name in LISTS)
    answers = cluster.sql(script, database=database).split('@@@\n')[1:]
    return {name: HEADER.format(name=f'allow_{name}') + answer.strip('\n') + '\n' for name, answer in zip(LISTS, answers)}


def compare(name, text):
    if '#error' in text:
        yield from (f'allow_{name}.sql: {line}' for line in text.split('\n') if line.startswith('#error'))
    old, new = set(read(path_of(name, 'def')).split('\n')), set(text.split('\n'))
    yield from (f'allow_{name}.def lacks {line}' for line in sorted(new - old))
    yield from (f'allow_{name}.def has {line}, which its query does not give' for line in sorted(old - new))
    if old == new and read(path_of(name, 'def')) != text:
        yield f'allow_{name}.def is in another order than its query gives'


def settings():
    return ', '.join(f"'{name}'" for name in re.findall(r'^HG_KNOWN_SETTING\("(\w+)", \w+, SERVER,', read(path_of('settings', 'def')), re.M))


def replacements(text):
    """(schema.name, SELECT) of each replaced relation, with literals in the place of what differs between clients."""
    for schema, name, sql in re.findall(r'^(?:HG_RELATION|HG_RIGHTS)\("(\w+)", "(\w+)", (?:true, )?"(.*)"\)$', text, re.M):
        sql = sql.replace('" HG_SERVER_SETTINGS "', settings()).replace('\\"', '"').replace('\\\\', '\\').replace('$system', '')
        sql = sql.replace('$user', "'acme_bi'").replace('$database', "'analytics'").replace('$pid', '4711').replace('$role', "'pg_signal_backend'")
        yield f'{schema}.{name}', re.sub(r'\$(unread|inserts|updates|deletes)', "'{public.t,public.gone}'", sql)


def asks(cluster, database):
    """A function that runs SQL as the service account. SET SESSION AUTHORIZATION, because SET ROLE would leave session_user."""
    return lambda sql: cluster.sql(f'SET SESSION AUTHORIZATION {SERVICE};\n{sql}', database=database)


def check_as_they_are(cluster, database, text):
    ask = asks(cluster, database)
    names = [f'{schema}.{name}' for schema, name in re.findall(r'^HG_RELATION\("(\w+)", "(\w+)", true, NULL\)$', text, re.M)]
    for name in names:
        try:
            rows = ask(f"SELECT r::text FROM {name} AS r WHERE r::text ~ '\\m({SERVICE}|{STRANGER}|{database})\\M'")
        except ClusterError as error:
            yield f'{name}: {error}'
            continue
        for word in (SERVICE, STRANGER, database):
            if word in rows:
                yield f'{name}: shows {word}: {rows[:200]}'
    if len(names) < 45:
        yield f'only {len(names)} relations found that are read as they are'


def check_replacements(cluster, database, text):
    ask = asks(cluster, database)
    found = 0
    for name, sql in replacements(text):
        found += 1
        try:
            # As superuser, because a replacement may give what the service account itself may not read in the original.
            original = cluster.sql(f'SELECT * FROM {name} \\gdesc', database=database)
            replaced = ask(f'SELECT * FROM ({sql}) AS replaced \\gdesc')
            rows = ask(f'SELECT * FROM ({sql}) AS replaced')
        except ClusterError as error:
            yield f'{name}: {error}'
            continue
        if original != replaced:
            yield f'{name}: has the row type\n{original}\nand its replacement\n{replaced}'
        for word in (SERVICE, STRANGER, database):
            if re.search(rf'\b{word}\b', rows):
                yield f'{name}: its replacement shows {word}'
    if found < 70:
        yield f'only {found} replacements found'


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument('--write', action='store_true')
    options = arguments.parse_args()
    complaints = []
    with Cluster('allow-lists') as cluster:
        database = 'hg_physical'
        cluster.sql(f'CREATE ROLE {SERVICE}; CREATE ROLE {STRANGER}; GRANT {STRANGER} TO {SERVICE};'
                    f'CREATE DATABASE {database} OWNER {SERVICE}; CREATE DATABASE {STRANGER} OWNER {STRANGER}')
        cluster.sql(f'SET ROLE {SERVICE}; CREATE TABLE public.t (i serial PRIMARY KEY, x text); CREATE VIEW public.v AS SELECT * FROM t;'
                    'CREATE MATERIALIZED VIEW public.m AS SELECT * FROM t; CREATE DOMAIN public.d AS text;'
                    'RESET ROLE; ANALYZE pg_database; ANALYZE pg_authid', database=database)
        lists = regenerate(cluster, database)
        if options.write:
            for name, text in lists.items():
                with open(path_of(name, 'def'), 'w', encoding='utf-8') as file:
                    file.write(text)
        for name, text in lists.items():
            complaints += compare(name, text)
        complaints += check_as_they_are(cluster, database, lists['relations'])
        # Grants are no part of a catalog database. They name roles in access control lists; the replacements hide the rest of them.
        cluster.sql(f'GRANT SELECT ON t TO {STRANGER}', database=database)
        complaints += check_replacements(cluster, database, lists['relations'])
    for complaint in complaints[:60]:
        print(complaint)
    print(f'{len(LISTS) + 1 - bool(complaints)} passed, {len(complaints)} failed')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
