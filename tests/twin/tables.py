"""What stands in the tables, seen by a superuser beside Headgate and beside the private database, and how it is put back.

A case that writes is committed. A database in which no number was given to a transaction since is as it was. Else each table
is reduced to two sums over the rows' transaction numbers, of the tenant's own rows and of all others; where a sum is not what it
was, the tenant's rows are compared with the private database's, the rows of others are reported, and the table is filled anew
from what COPY gave at the start.
"""
import wire  # (tests/support; world.py knows the way there)

FIRST_NUMBER = 1000  # of every sequence, on either side, before each case
LOGICAL = {'store.stock_levels': 'shop.stock', 'public._materialized_daily_metrics': 'materialized.daily_metrics'}

RELATIONS = """
WITH RECURSIVE tree AS (
    SELECT c.oid, c.oid AS root, c.relkind FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid)
    UNION ALL SELECT c.oid, t.root, c.relkind FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid JOIN pg_class c ON c.oid = i.inhrelid)
SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', rn.nspname, r.relname),
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = t.root AND attnum > 0 AND NOT attisdropped),
    coalesce((SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attname IN ('tenant_id', 'account', 'owner') ORDER BY attname <> 'tenant_id' LIMIT 1), '')
FROM tree t JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class r ON r.oid = t.root JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE t.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1"""


class Relation:
    def __init__(self, name, root, stored, columns, tenant_column):
        self.name, self.stored, self.columns, self.tenant_column = name, stored, columns, tenant_column
        self.root, self.logical = root, LOGICAL.get(root, root)
        self.copy = b''  # its rows at the start


class Tables:
    """One database. value: of the tenant whose private database it is not; None: it is his private database, all rows are his."""

    def __init__(self, cluster, database, shared):
        self.shared = shared
        self.wire = wire.connect('127.0.0.1', cluster.port, 'postgres', cluster.password, database, timeout=60)
        self.rows("SET session_replication_role = replica; SET lock_timeout = '10s'; SET client_min_messages = error; SET jit = off")
        self.relations = {row[0]: Relation(*row) for row in self.rows(RELATIONS)}
        self.sequences = [row[0] for row in self.rows("SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences ORDER BY 1")]
        self.rows(''.join('SELECT setval(%s, %d, false);' % (literal(s), FIRST_NUMBER) for s in self.sequences) or 'SELECT 1')
        for relation in self.relations.values():
            relation.copy = b''.join(self.run('COPY (SELECT %s FROM ONLY %s) TO STDOUT' % (relation.stored, relation.name)).statements[0].copied)
        self.rows('PREPARE mark AS SELECT pg_snapshot_xmax(pg_current_snapshot())' + ''.join(
            ", (SELECT last_value || ' ' || is_called FROM %s)" % s for s in self.sequences))
        # one row, not one for each table: this is asked after every case
        self.rows("PREPARE sums(text) AS SELECT string_agg(concat_ws('|', n, others, own), ';') FROM (%s) x (n, others, own)" % ' UNION ALL '.join(
            [self.sum_of(r) for r in self.relations.values()] + ["SELECT %s, '', last_value || ' ' || is_called FROM %s" % (literal(s), s) for s in self.sequences]))
        self.marked, self.found = None, {}

    def run(self, sql, copies=()):
        """copies: what each COPY FROM STDIN gets, in order."""
        copies, messages = list(copies), []
        self.wire.send(wire.query(sql))
        while not messages or messages[-1][0] != 'Z':
            messages.append(self.wire.recv())
            if messages[-1][0] == 'G':
                self.wire.send(wire.copy_data(copies.pop(0)) + wire.copy_done())
        result = wire.collect(messages)
        if result.error:
            raise RuntimeError('%s: %s' % (result.error['M'], sql[:300]))
        return result

    def rows(self, sql):
        return self.run(sql).rows

    def sum_of(self, relation):
        own = 'true'
        if self.shared:
            own = '%s::text IS NOT DISTINCT FROM $1' % relation.tenant_column if relation.tenant_column else 'false'
        total = "count(*) FILTER (WHERE %s) || ' ' || coalesce(sum(xmin::text::bigint) FILTER (WHERE %s), 0)"
        return 'SELECT %s, %s, %s FROM ONLY %s t' % (literal(relation.name), total % (('NOT ' + own,) * 2), total % ((own,) * 2), relation.name)

    def sums(self, value):
        """name of a table or sequence -> (sum of others' rows, sum of own rows)"""
        mark = self.rows('EXECUTE mark'), value
        if mark != self.marked:
            self.marked = mark
            parts = [part.split('|') for part in self.rows('EXECUTE sums(%s)' % literal(value))[0][0].split(';')]
            self.found = {name: (others, own) for name, others, own in parts}
        return self.found

    def restore(self, names):
        texts, copies = [], []
        for name in names:
            if name in self.relations:
                relation = self.relations[name]
                texts.append('DELETE FROM ONLY %s; COPY %s (%s) FROM STDIN' % (name, name, relation.stored))
                copies.append(relation.copy)
            else:
                texts.append('SELECT setval(%s, %d, false)' % (literal(name), FIRST_NUMBER))
        if texts:
            self.run(';'.join(texts), copies)

    def logical(self, names):
        """The logical tables of physical ones -> (root, list of its columns, tenant column)."""
        found = {}
        for name in names:
            if name in self.relations:
                r = self.relations[name]
                found[r.logical] = (r.root, r.columns, r.tenant_column)
        return found

    def own_rows(self, root, columns, tenant_column, value):
        where = ' WHERE %s::text = %s' % (tenant_column, literal(value)) if self.shared and tenant_column else ''
        return sorted(self.rows('SELECT %s FROM %s%s' % (columns, root, where)), key=repr)


def literal(text):
    return "'%s'" % text.replace("'", "''")


class Watch:
    """The shared databases and one tenant's private one. masks: (logical table, column) -> expression that takes its place."""

    def __init__(self, shared, private, value, masks):
        self.shared, self.private, self.value, self.masks = shared, private, value, masks
        self.before = [tables.sums(value) for tables in shared + [private]]
        self.columns = {r.logical: r.columns for r in private.relations.values()}

    def changes(self):
        """For each database, the tables that are not as they were: (others' rows, own rows)."""
        found = []
        for tables, before in zip(self.shared + [self.private], self.before):
            after = tables.sums(self.value)
            found.append(([n for n in after if after[n][0] != before[n][0]], [n for n in after if after[n][1] != before[n][1]]))
        return found

    def check(self, equal, untouched):
        """Compares, and puts all back. equal: the tenant's rows must be as the private database's; untouched: as they were."""
        changes = self.changes()
        wrong = ['rows of others changed in ' + ', '.join(others) for others, _ in changes if others]
        changed = [tables.logical(own) for tables, (_, own) in zip(self.shared + [self.private], changes)]
        if equal:
            wrong += filter(None, (self.compare(name, changed) for name in sorted(set().union(*changed))))
        elif untouched:
            wrong += ['a refused statement changed ' + ', '.join(own) for _, own in changes[:-1] if own]
        for tables, (others, own) in zip(self.shared + [self.private], changes):
            tables.restore(sorted(set(others + own)))
        self.before = [tables.sums(self.value) for tables in self.shared + [self.private]]
        return wrong

    def compare(self, logical, changed):
        """One logical table in the private database and where it is shared: wherever it changed, or anywhere; '' when equal."""
        if logical not in self.columns:
            return '%s changed, which the user does not see' % logical
        columns = ', '.join(self.masks.get((logical, c), c) for c in self.columns[logical].split(', '))
        theirs = self.private.own_rows(logical, self.columns[logical], '', self.value)
        for tables, names in zip(self.shared, changed):
            if logical in names or not any(logical in n for n in changed[:-1]):
                root, _, tenant_column = tables.logical(tables.relations)[logical]
                mine = tables.own_rows(root, columns, tenant_column, self.value)
                if mine != theirs:
                    return '%s holds other rows\n      shared   %s\n      private  %s' % (
                        logical, str([r for r in mine if r not in theirs])[:500], str([r for r in theirs if r not in mine])[:500])
        return ''
