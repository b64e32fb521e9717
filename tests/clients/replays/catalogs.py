#!/usr/bin/python3
"""Reads every system relation whole and looks for what should not be there: names of the physical databases, of other tenants and
roles, and of what is hidden from the role that reads. Each relation is a section: its columns, with their types, and the rows in which
such a name occurs. The private database shows the same columns and none of these names.

Afterwards the same names are asked for by all functions that know whether something exists.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(os.path.dirname(HERE)), 'support')]
from replay import connect  # noqa: E402

# What PostgreSQL shows to any role, and Headgate to none: other sessions, the server's insides, what a server connection holds.
REFUSED = """pg_cursors pg_init_privs
    pg_replication_origin pg_shdepend pg_stat_archiver pg_stat_bgwriter pg_stat_recovery_prefetch pg_stat_slru pg_stat_ssl pg_stat_wal
    pg_stats_ext_exprs pg_subscription_rel""".split()
# What PostgreSQL itself refuses an ordinary role.
CLOSED = """pg_authid pg_backend_memory_contexts pg_config pg_file_settings pg_hba_file_rules pg_ident_file_mappings pg_largeobject pg_replication_origin_status pg_shadow
    pg_shmem_allocations pg_statistic pg_statistic_ext_data pg_subscription pg_user_mapping""".split()
INTERNAL = ['_materialized_', '_headgate', 'headgate_catalog', 'stock_levels', 'notes_archive', 'globex', 'initech', 'analytics_masked', 'analytics_regional', 'analytics_masked_writer']
HIDDEN = {'acme_masked': ['email', 'email_address', 'crm', 'shop', 'books', 'sku', 'tier', 'customers', 'orders', 'stock', 'meters', 'account', 'owner']}
USER = os.environ['PGUSER']
# words of PostgreSQL itself, in texts that are no names
WORDY = {'owner', 'account'}


def is_foreign(value):
    """A name of the list: as a word inside of any value, or, where the word is common, as the whole of one."""
    hidden = HIDDEN.get(USER, [])
    return any(name in value for name in INTERNAL) or any(value == name if name in WORDY else re.search(r'\b%s\b' % name, value) for name in hidden)


def relations(connection):
    return connection.simple("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                             "WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v') ORDER BY 1, 2").rows


def read(connection, schema, name):
    if name in CLOSED or name in ('sql_parts', 'transforms') or name.startswith('_pg_'):
        return  # Headgate has other words for it
    print('== %s.%s%s' % (schema, name, ' !42501' if name in REFUSED else ''))
    few = ' LIMIT 0' if name == 'element_types' else ''  # which takes PostgreSQL a quarter of a minute
    result = connection.simple('SELECT * FROM %s."%s"%s' % (schema, name, few))
    if result.error:
        print('error %s: %s' % (result.sqlstate, result.error['M']))
        return
    for column in result.columns:
        print(column.name, column.type_oid, column.typmod)
    for row in result.rows:
        # the words of PostgreSQL's own functions, views and settings are not meant
        if (name in ('pg_proc', 'pg_description', 'routines', 'pg_views', 'pg_collation', 'views') and row[0] and 'public' not in row) or '_rw' in '|'.join(v for v in row if v):
            continue
        if name == 'pg_stats':  # the values are the client's own
            row = row[:3]
        if any(value is not None and is_foreign(value) for value in row):
            print('|'.join(str(value) for value in row))


QUESTIONS = """
SELECT to_regclass('{0}')|SELECT to_regtype('{0}')|SELECT to_regnamespace('{0}')|SELECT to_regclass('public.{0}')|SELECT '{0}'::regclass
SELECT has_table_privilege('{0}', 'select')|SELECT has_schema_privilege('{0}', 'usage')|SELECT has_column_privilege('public.contacts', '{0}', 'select')
SELECT count(*) FROM pg_class WHERE relname = '{0}'|SELECT count(*) FROM pg_attribute WHERE attname = '{0}' AND attrelid >= 16384
SELECT count(*) FROM pg_description WHERE description LIKE '%{0}%' AND objoid >= 16384|SELECT count(*) FROM pg_database WHERE datname = '{0}'
SELECT count(*) FROM pg_roles WHERE rolname = '{0}'|SELECT has_database_privilege('{0}', 'connect')|SELECT pg_get_serial_sequence('public.contacts', '{0}')
""".replace('\n', '|').strip('|').split('|')


def ask(connection, name):
    print('== about ' + name)
    for question in QUESTIONS:
        result = connection.simple(question.format(name))
        print(question.format(name), '->', result.error['C'] if result.error else result.rows)


def main():
    with connect({}) as connection:
        for schema, name in relations(connection):
            read(connection, schema, name)
        for name in INTERNAL + ['data', 'headgate', 'store'] + HIDDEN.get(USER, []):
            ask(connection, name)


if __name__ == '__main__':
    main()
