"""Random scripts that write, lock, copy, and use cursors and prepared statements, each made from (seed, number, tenant) alone.

script(seed, number, user) gives a Script of one to three steps, to run inside a transaction that is rolled back. What holds for
generate.py holds here: answers must not depend on the plan. So a row is proposed to ON CONFLICT once at most, a row is updated from
one row at most, two parts of a statement write to different tables, and cursors move over total orders.
"""
import collections

from expressions import Context
from generate import CTE_NAMES, Generator, Statement
from grammar import MASKED_TABLES, SHOP_TABLES, TABLES
from scope import Column, Relation, Scope, Visible, quoted, spelled
from sqltree import Node, Option, Series, render

Target = collections.namedtuple('Target', 'table unique required fixed tenant constraint')
BY_NAME = {'%s.%s' % (t.schema, t.name): t for t in TABLES + SHOP_TABLES}


def target(name, unique, required, fixed='', tenant=None, constraint=None):
    """unique: columns of a key; required: to be given in INSERT; fixed: never written; tenant: a declared tenant column; constraint:
    the key's name."""
    def split(text):
        return text.split(',') if text else []
    return Target(BY_NAME[name], split(unique), split(required), split(fixed), tenant, constraint)


TARGETS = [
    target('public.campaigns', 'id', 'id,name,channel_id', constraint='campaigns_pkey'),
    target('public.contacts', 'tenant_id,contact_no', 'tenant_id,contact_no', tenant='tenant_id', constraint='contacts_pkey'),
    target('public.messages', 'id', 'id', constraint='messages_pkey'),
    target('public.audit', '', 'tenant_id', tenant='tenant_id'),
    target('public.Mixed Case', '', ''),
    target('crm.contacts', '', ''),
    target('shop.customers', 'id', 'id,name', constraint='customers_pkey'),
    target('shop.orders', 'id', 'id', constraint='orders_pkey'),
    target('shop.lines', 'order_id,line_no', 'order_id,line_no,sku', 'total', constraint='lines_pkey'),
    target('shop.tickets', 'tenant_id,no', 'no', tenant='tenant_id', constraint='tickets_pkey'),
    target('shop.stock', 'warehouse,sku', 'warehouse,sku', constraint='stock_pkey'),
    target('shop.ledger', 'entry', 'entry,account,amount', constraint='ledger_pkey'),
    target('shop.visits', 'day,page', 'day,page'),
    target('shop.notes', '', ''),
    target('shop.queue', '', ''),
]
MASKED_TARGETS = [t._replace(fixed=t.fixed + ['email', 'phone'], table=next(m for m in MASKED_TABLES if m.name == t.table.name))
                  for t in TARGETS if t.table.name in ('campaigns', 'contacts') and t.table.schema == 'public']
TENANT = {'acme_rw': 'acme', 'globex_rw': 'globex', 'masked_rw': 'acme'}
# values of keys: some are there, some are not
KEYS = {'int': ('1', '2', '3', '5', '7', '9', '12', '5500003', '7700004', '8000001', '8000002'), 'text': ("'north'", "'/home'", "'AB-1'", "'XY-77'", "'cash'"),
        'date': ("date '2026-01-23'", "date '2026-02-01'", "date '2026-05-05'")}
SPECIAL = {('shop', 'orders', 'state'): ("'open'", "'paid'", "'sent'", "'void'", "'lost'"), ('shop', 'lines', 'sku'): ("'AB-7'", "'ZZ-1'", "'no sku'"),
           ('shop', 'stock', 'sku'): ("'AB-7'", "'ZZ-1'"), ('shop', 'customers', 'email'): ("'c1@shop.example'", "'new@shop.example'", 'NULL')}
SMALL = ('qty', 'line_no', 'segments', 'contact_no', 'channel_id', 'order')  # integers that are narrower than the sort's expressions


class Step:
    """node: of the whole statement. ordered: are its rows in order? copies: lines for COPY FROM STDIN. kind: what it is."""

    def __init__(self, node, kind, order=None, copies=None, simple=False):
        self.node, self.kind, self.order, self.copies, self.simple = node, kind, order, copies, simple

    def ordered(self):
        return self.order is not None and self.order.present

    def text(self, extended=False):
        return render(self.node, extended)


class Script:
    """root: for shrinking; touched: names of the tables that are written."""

    def __init__(self, steps, touched, mistaken):
        self.by_node = {id(step.node): step for step in steps}
        self.series = Series([step.node for step in steps], ';\n')
        self.root, self.touched, self.mistaken = Node('root', [self.series]), touched, mistaken

    def steps(self):
        return [self.by_node[id(node)] for node in self.series.parts]

    def text(self, extended=False):
        return render(self.root, extended)


class Writer(Generator):
    def __init__(self, seed, number, user):
        masked = user == 'masked_rw'
        Generator.__init__(self, seed, '%s:write' % number, MASKED_TABLES if masked else TABLES)
        self.fuel = self.rng.choice((8, 16, 30, 50))
        self.tenant = TENANT[user]
        messages = any(t.name == 'messages' for t in self.tables)  # they are where nothing else may be written
        self.targets = [t for t in (MASKED_TARGETS if masked else TARGETS)
                        if masked or (t.table.name == 'messages') == messages]
        if masked:
            self.tables = [t for t in self.tables if t.side != 'messages']
        elif not messages:
            self.tables = self.tables + [t for t in SHOP_TABLES]
        self.written, self.touched = [], set()

    def free_target(self, wanted=lambda t: True):
        free = [t for t in self.targets if t not in self.written and wanted(t)]
        chosen = self.rng.choice(free) if free else None
        if chosen:
            self.written.append(chosen)
            self.touched.add('%s.%s' % (chosen.table.schema, quoted(chosen.table.name)))
        return chosen

    def target_relation(self, chosen, what):
        """(text, Relation) of a table that is written to."""
        table, columns = chosen.table, [Column(*c) for c in chosen.table.columns]
        key = [c for c in columns if c.name in table.key]
        text = '%s.%s' % (table.schema, spelled(table.name, self.rng))
        if table.schema == 'public' and self.chance() < 0.5:
            text = spelled(table.name, self.rng)
        if what != 'INSERT INTO ' and self.chance() < 0.05:
            text = self.rng.choice(('ONLY ' + text, text + ' *'))
        rowless = self.chance() < 0.9  # its whole row is refused but in few places
        if self.chance() < 0.5:
            return text, Relation(table.name, columns, key, table, bare=True, scalar=rowless)
        alias = self.rng.choice(('t', 'x', 'tenant_id', 'messages', 'select', 'A b', 'excl'))
        return text + (' AS ' if what == 'INSERT INTO ' else self.rng.choice((' AS ', ' '))) + quoted(alias), Relation(alias, columns, key, table, scalar=rowless)

    def scope_of(self, *relations):
        return Scope(None, list(relations), [Visible(c, r) for r in relations for c in r.columns])

    # ---- values ----

    def special(self, table, column, context, depth=1):
        """What is written to a column: most of the time something that it takes."""
        choices = SPECIAL.get((table.schema, table.name, column.name))
        if choices and self.chance() < 0.8:
            return Node(column.sort, [self.rng.choice(choices)])
        if column.name in SMALL and self.chance() < 0.7:
            return Node('int', [str(self.rng.randint(1, 9))])
        if column.link == 'customer' or column.name in ('order_id', 'customer_id'):
            return Node('int', [self.rng.choice(('1', '2', '3', '4', '99'))])
        return self.expr(column.sort, context, depth)

    def key_value(self, chosen, column, number):
        """Different for each number."""
        if column.name == chosen.tenant:
            return Node('text', ["'%s'" % self.tenant])
        values = KEYS.get(column.sort, ("'k'",))
        return Node(column.sort, [values[(number * 3 + self.rng.randint(0, 2)) % len(values)]])

    def tenant_value(self):
        if self.chance() < 0.03:
            return Node('text', [self.rng.choice(("'initech'", 'NULL', "upper('x')"))])
        return Node('text', [self.rng.choice(("'%s'", "'%s'", "'%s'::text", "lower('%s')", "concat('%s')")) % self.tenant])

    def returning(self, scope, parts):
        """Adds RETURNING; the columns that come out, or None."""
        if self.chance() > 0.65:
            return None
        context, items, columns = Context(scope, {}), [], []
        if self.chance() < 0.35:
            items, columns = self.star(scope)
        if not items:
            for _ in range(self.rng.choice((1, 2, 3))):
                sort = self.near_sort(context, ['int', 'text', 'n2', 'date', 'bool', 'tz', 'textarr', 'jobj'])
                node, column = self.output(sort, context, 'any', 'returning', True)
                items.append(node)
                columns.append(column)
        parts.append(Option(' RETURNING ', Series(items)))
        return columns

    # ---- INSERT ----

    def insert(self, chosen, env):
        table = chosen.table
        text, relation = self.target_relation(chosen, 'INSERT INTO ')
        optional = [c for c in relation.columns if c.name not in chosen.required + chosen.fixed]
        listed = [c for c in relation.columns if c.name in chosen.required]
        listed += self.rng.sample(optional, self.rng.randint(0, min(len(optional), 4)))
        self.rng.shuffle(listed)
        parts = ['INSERT INTO ', text]
        if not chosen.required and self.chance() < 0.1:
            parts.append(' DEFAULT VALUES')
        else:
            if not chosen.fixed and self.chance() < 0.15:
                listed = relation.columns
            else:
                parts.append(' (%s)' % ', '.join(quoted(c.name) for c in listed))
            if self.chance() < 0.05:
                parts.append(' OVERRIDING %s VALUE' % self.rng.choice(('SYSTEM', 'USER')))
            parts.append(self.insert_source(chosen, listed, env))
        if chosen.unique and self.chance() < 0.4:
            parts.append(self.on_conflict(chosen, relation, env))
        columns = self.returning(self.scope_of(relation), parts)
        return Node('query', parts), columns, Context(self.scope_of(relation), env)

    def insert_source(self, chosen, listed, env):
        context = Context(Scope(None, [], []), env)
        if self.chance() < 0.6:
            rows = []
            for number in range(self.rng.choice((1, 1, 2, 3))):
                values = []
                for column in listed:
                    if column.name == chosen.tenant:
                        values.append(self.tenant_value() if self.chance() < 0.9 else Node('text', ["'%s'" % self.tenant]))
                    elif column.name in chosen.unique:
                        values.append(self.key_value(chosen, column, number))
                    elif column.name not in chosen.required and self.chance() < 0.15:
                        values.append(Node(None, ['DEFAULT']))
                    else:
                        values.append(self.special(chosen.table, column, context))
                rows.append(Node(None, ['(', Series(values, minimum=len(values)), ')']))
            return Node(None, [' VALUES ', Series(rows)])
        return self.insert_select(chosen, listed, env)

    def insert_select(self, chosen, listed, env):
        """From one table whose key tells its rows apart, so that keys differ; or from anything where there is no key."""
        if not chosen.unique and not chosen.tenant and self.chance() < 0.6:
            query = self.query(None, env, [c.sort for c in listed], 'any')
            return Node(None, [' ', query.node])
        sources = [t for t in self.tables if len(t.key) == 1]
        table = self.rng.choice(sources)
        columns = [Column(*c) for c in table.columns]
        relation = Relation('s', columns, columns[:1], table)
        scope = self.scope_of(relation)
        context, values, key_given = Context(scope, env), [], False
        for column in listed:
            if column.name == chosen.tenant:
                values.append(self.tenant_value())
            elif column.name in chosen.unique and column.sort == 'int':
                offset = self.rng.choice((0, 0, 8000000, 1)) if not key_given else 0
                values.append(Node('int', ['s.%s + %d' % (quoted(table.key[0]), offset)], 8))
                key_given = True
            elif column.name in chosen.unique:
                values.append(Node(column.sort, ["'Z' || s.%s" % quoted(table.key[0]) if column.sort == 'text' and not key_given
                                                 else self.key_value(chosen, column, 0).parts[0]], 7))
                key_given = key_given or column.sort == 'text'
            else:
                values.append(self.typed(column.sort, self.special(chosen.table, column, context)))
        where = [Option(' WHERE ', self.expr('bool', context, 1))] if self.chance() < 0.7 else []
        if chosen.unique and not key_given:
            where.append(' LIMIT 0')
        return Node(None, [' SELECT ', Series(values, minimum=len(values)), ' FROM %s.%s s' % (table.schema, quoted(table.name)), *where])

    def on_conflict(self, chosen, relation, env):
        roll = self.chance()
        columns = ', '.join(quoted(c) for c in chosen.unique)
        where = ' (%s)' % columns
        if chosen.constraint and self.chance() < 0.25:
            where = ' ON CONSTRAINT ' + chosen.constraint
        if roll < 0.15:
            return Option(' ON CONFLICT DO NOTHING')
        if roll < 0.4:
            return Option(' ON CONFLICT%s DO NOTHING' % where)
        excluded = Relation('excluded', [Column(c.name, c.sort, c.link) for c in relation.columns], None)
        scope = self.scope_of(relation, excluded)
        context = Context(scope, env)
        parts = [' ON CONFLICT%s DO UPDATE SET ' % where, self.assignments(chosen, relation, context)]
        if self.chance() < 0.4:
            parts.append(Option(' WHERE ', self.expr('bool', context, 1)))
        return Option(*parts)

    # ---- UPDATE, DELETE ----

    def assignments(self, chosen, relation, context):
        usable = [c for c in relation.columns if c.name not in chosen.unique + chosen.fixed and c.name != chosen.tenant]
        columns = self.rng.sample(usable, min(len(usable), self.rng.choice((1, 1, 2, 3))))
        items = []
        if len(columns) > 1 and self.chance() < 0.3:
            pair, columns = columns[:2], columns[2:]
            names = '(%s)' % ', '.join(quoted(c.name) for c in pair)
            if self.chance() < 0.4:
                query = self.query(context.scope, context.env, [c.sort for c in pair], 'scalar')
                items.append(Node(None, [names + ' = (', query.node, ')']))
            else:
                values = [self.special(chosen.table, c, context) for c in pair]
                items.append(Node(None, [names + self.rng.choice((' = (', ' = ROW(')), Series(values, minimum=2), ')']))
        for column in columns:
            value = Node(None, ['DEFAULT']) if self.chance() < 0.08 else self.special(chosen.table, column, context)
            items.append(Node(None, [quoted(column.name) + ' = ', value]))
        if chosen.tenant and self.chance() < 0.15:
            items.append(Node(None, [chosen.tenant + ' = ', self.tenant_value() if self.chance() < 0.7 else Node('text', [chosen.tenant])]))
        return Series(items)

    def partner(self, chosen, relation):
        """An item of FROM of which at most one row goes with each row of the target: (text, Relation, condition), or None."""
        choices = []
        for column in relation.columns:
            for table in self.tables:
                if len(table.key) == 1 and column.link and table is not chosen.table:
                    for other in table.columns:
                        if other[0] == table.key[0] and (other[2] == column.link or (table.name[:-1] == column.link)):
                            choices.append((column, table))
        if not choices:
            return None
        column, table = self.rng.choice(choices)
        alias = self.rng.choice(('p', 'campaigns2', 'B b'))
        columns = [Column(*c) for c in table.columns]
        condition = '%s.%s = %s.%s' % (quoted(relation.alias), quoted(column.name), quoted(alias), quoted(table.key[0]))
        return '%s.%s AS %s' % (table.schema, quoted(table.name), quoted(alias)), Relation(alias, columns, columns[:1], table), condition

    def change(self, chosen, env, what):
        """UPDATE or DELETE."""
        text, relation = self.target_relation(chosen, what)
        relations, beside = [relation], self.partner(chosen, relation) if self.chance() < 0.35 else None
        if beside:
            relations.append(beside[1])
        scope = self.scope_of(*relations)
        context = Context(scope, env)
        parts = [what, text]
        if what == 'UPDATE ':
            parts += [' SET ', self.assignments(chosen, relation, context)]
        if beside:
            parts.append((' FROM ' if what == 'UPDATE ' else ' USING ') + beside[0])
            parts += [' WHERE ', beside[2], Option(' AND ', (self.expr('bool', context, 1), 3))]
        elif self.chance() < 0.85:
            parts.append(Option(' WHERE ', self.expr('bool', context, 0)))
        columns = self.returning(scope, parts)
        return Node('query', parts), columns, context

    def modification(self, env, wanted=lambda t: True):
        """(Node, output columns or None) of an INSERT, UPDATE or DELETE."""
        chosen = self.free_target(wanted)
        if chosen is None:
            return None, None
        kind = self.pick({'insert': 5, 'update': 5, 'delete': 3})
        if kind == 'insert':
            return self.insert(chosen, env)[:2]
        return self.change(chosen, env, 'UPDATE ' if kind == 'update' else 'DELETE FROM ')[:2]

    # ---- statements ----

    def write_step(self):
        parts, env = self.with_clause(None, {}) if self.chance() < 0.15 else ([], {})
        node, _ = self.modification(env)
        if node is None:
            return None
        return Step(Node('step', [*parts, node]), 'write')

    def write_in_with(self):
        """WITH x AS (INSERT …) and a query, or another one that writes, behind it."""
        env, items = {}, []
        for name in self.rng.sample(CTE_NAMES, self.rng.choice((1, 1, 2))):
            node, columns = self.modification(dict(env))
            if node is None:
                break
            items.append(Node(None, [spelled(name, self.rng) + ' AS (', node, ')']))
            env[name] = None
            if columns:
                columns, renamed = self.rename(columns, 0.1)
                if renamed:
                    items[-1] = Node(None, ['%s(%s) AS (' % (quoted(name), ', '.join(map(quoted, renamed))), node, ')'])
                env[name] = (columns, 5)
        if not items:
            return None
        if self.chance() < 0.3:
            node, _ = self.modification(env)
            order = None
        else:
            query = self.query(None, env, kind='top')
            node, order = query.node, query.order
        if node is None:
            return None
        return Step(Node('step', ['WITH ', Series(items), ' ', node]), 'with', order)

    def lock_step(self):
        chosen = self.rng.choice(self.targets)
        text, relation = self.target_relation(chosen, 'SELECT ')
        relations, tables = [relation], [text]
        beside = self.partner(chosen, relation) if self.chance() < 0.3 else None
        if beside:
            relations.append(beside[1])
            tables.append(beside[0])
        scope = self.scope_of(*relations)
        context = Context(scope, {})
        items, columns = self.star(scope) if self.chance() < 0.4 else ([], [])
        if not items:
            items = [self.output(self.near_sort(context, ['int', 'text', 'date', 'bool']), context, 'any', 'lock', True)[0] for _ in range(2)]
        parts = ['SELECT ', Series(items), ' FROM ', ', '.join(tables)]
        if beside:
            parts += [' WHERE ', beside[2], Option(' AND ', (self.expr('bool', context, 1), 3))]
        elif self.chance() < 0.6:
            parts.append(Option(' WHERE ', self.expr('bool', context, 1)))
        strength = self.rng.choice(('UPDATE', 'NO KEY UPDATE', 'SHARE', 'KEY SHARE'))
        of = ' OF ' + quoted(relation.alias) if beside or self.chance() < 0.3 else ''
        parts.append(' FOR %s%s%s' % (strength, of, self.rng.choice(('', '', '', ' NOWAIT', ' SKIP LOCKED'))))
        return Step(Node('step', parts), 'lock')

    def any_query(self):
        query = self.query(None, {}, kind='top')
        return query.node, query.order

    def copy_step(self):
        node, order = self.any_query()
        options = self.rng.choice(('', '', ' WITH (FORMAT csv)', ' CSV HEADER', " WITH (DELIMITER '|', NULL '-')", ' (FORMAT csv, FORCE_QUOTE *)'))
        if self.chance() < 0.2:
            chosen = self.rng.choice(self.targets)
            columns = self.rng.sample([c[0] for c in chosen.table.columns], self.rng.randint(1, min(3, len(chosen.table.columns))))
            listed = ' (%s)' % ', '.join(map(quoted, columns)) if self.chance() < 0.6 else ''
            return Step(Node('step', ['COPY %s.%s%s TO STDOUT%s' % (chosen.table.schema, quoted(chosen.table.name), listed, options)]), 'copy')
        return Step(Node('step', ['COPY (', node, ') TO STDOUT' + options]), 'copy', order)

    def copy_in_step(self):
        chosen = self.free_target(lambda t: t.table.schema != 'public' or t.table.name != 'messages')
        if chosen is None:
            return None
        columns = [c for c in chosen.table.columns if c[0] in chosen.required]
        optional = [c for c in chosen.table.columns if c[0] not in chosen.required + chosen.fixed and c[1] in ('int', 'text', 'bool', 'date', 'n2')]
        columns += self.rng.sample(optional, min(len(optional), self.rng.randint(1, 2)))
        self.rng.shuffle(columns)
        lines = []
        for number in range(self.rng.randint(1, 4)):
            values = []
            for name, sort, _ in columns:
                if name == chosen.tenant:
                    values.append(self.tenant if self.chance() < 0.95 else 'initech')
                elif name in SMALL:
                    values.append(str(self.rng.randint(1, 9)))
                else:
                    plain = {'int': str(8000000 + self.rng.randint(1, 5)), 'text': self.rng.choice(('AB-1', 'open', 'north', 'x y', '/home')),
                             'bool': 'true', 'date': '2026-01-23', 'n2': '3.50'}
                    values.append(plain.get(sort, '\\N') if self.chance() < 0.97 else self.rng.choice(('', 'what?', '\\N')))
            lines.append('\t'.join(values))
        text = 'COPY %s.%s (%s) FROM STDIN' % (chosen.table.schema, quoted(chosen.table.name), ', '.join(quoted(c[0]) for c in columns))
        return Step(Node('step', [text]), 'copy in', copies='\n'.join(lines) + '\n', simple=True)

    def cursor_steps(self):
        node, order = self.any_query()
        name = self.rng.choice(('c', 'C u', 'campaigns', 'select'))
        options = self.rng.choice(('', '', ' NO SCROLL', ' SCROLL', ' INSENSITIVE'))
        steps = [Step(Node('step', ['DECLARE %s%s CURSOR FOR ' % (quoted(name), options), node]), 'cursor')]
        ordered = order is not None
        moves = ['FETCH ALL FROM %s'] if not ordered else ['FETCH 2 FROM %s', 'FETCH NEXT IN %s', 'MOVE 1 IN %s', 'FETCH FORWARD ALL IN %s', 'MOVE FORWARD 3 IN %s']
        if ordered and options == ' SCROLL':
            moves += ['FETCH PRIOR FROM %s', 'FETCH ABSOLUTE 2 FROM %s', 'FETCH LAST FROM %s', 'MOVE BACKWARD 2 IN %s', 'FETCH RELATIVE -1 FROM %s', 'FETCH FIRST FROM %s']
        for _ in range(self.rng.randint(1, 3) if ordered else 1):
            steps.append(Step(Node('step', [self.rng.choice(moves) % quoted(name)]), 'fetch', order if ordered else None))
        if self.chance() < 0.5:
            steps.append(Step(Node('step', ['CLOSE ' + self.rng.choice((quoted(name), 'ALL'))]), 'close'))
        return steps

    def prepare_steps(self):
        if self.chance() < 0.5:
            node, order = self.any_query()
        else:
            node, order = self.modification({})[0], None
        if node is None:
            return []
        name = self.rng.choice(('p', 'P q', 'messages'))
        steps = [Step(Node('step', ['PREPARE %s AS ' % quoted(name), node]), 'prepare')]
        for _ in range(self.rng.choice((1, 1, 2))):
            steps.append(Step(Node('step', ['EXECUTE ' + quoted(name)]), 'execute', order))
        if self.chance() < 0.5:
            steps.append(Step(Node('step', ['DEALLOCATE ' + quoted(name)]), 'deallocate'))
        return steps

    def make(self):
        steps = []
        while not steps or (len(steps) < 3 and self.chance() < 0.25):
            self.written = []
            self.fuel = max(self.fuel, 8)
            kind = self.pick({'write': 10, 'with': 4, 'lock': 2, 'copy': 2, 'copy in': 1, 'cursor': 2, 'prepare': 2})
            if kind in ('cursor', 'prepare'):
                steps += self.cursor_steps() if kind == 'cursor' else self.prepare_steps()
                continue
            step = {'write': self.write_step, 'with': self.write_in_with, 'lock': self.lock_step, 'copy': self.copy_step, 'copy in': self.copy_in_step}[kind]()
            if step is not None:
                steps.append(step)
        return Script(steps, sorted(self.touched), self.mistaken)


def script(seed, number, user):
    return Writer(seed, number, user).make()


if __name__ == '__main__':
    import sys
    first, count = (int(a) for a in (sys.argv[2:4] if len(sys.argv) > 3 else (0, 10)))
    for i in range(first, first + count):
        print('-- %d\n%s;' % (i, script(sys.argv[1] if len(sys.argv) > 1 else '1', i, 'acme_rw').text()[0]))
