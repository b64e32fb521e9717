"""Random SELECT statements over the twin schema, each made from (seed, number) alone.

statement(seed, number) gives a Statement: a tree (sqltree.py) to be printed with literals or with parameters, and to be made smaller.
Expressions come from the templates of grammar.py, names from scope.py; FROM from sources.py; here are the queries.

Answers must not depend on the plan. So LIMIT, DISTINCT ON, array_agg and the like stand under a total order only; a window that
tells rows apart is ordered by the keys of all of its relations; nothing is volatile; and no expression fails on data.
About one statement in forty has one mistake in its names: both sides must find it.
"""
from expressions import SORT_NAMES, Context, has_aggregate, sortable
from grammar import COMPARED, MASKED_TABLES, QUOTED_UNKNOWN, SORTABLE, SORTS, TABLES, compile_template
from scope import Column, RowType, Scope, quoted, spelled
from sources import COLUMN_NAMES, Sources
from sqltree import Node, Option, Param, Series, render

CTE_NAMES = ['campaigns', 'messages', 'contacts', 'events', 'audit', 'channels', 'r', 's', 'daily_metrics', 'Mixed Case', 'pg_class', 'W x']
SET_RETURNING = [('unnest({textarr})', 'text'), ('generate_series(1, {int:9} % 3)', 'int'), ('jsonb_object_keys({jobj})', 'text')]


class Query:
    """node, its output columns (name None where PostgreSQL chooses it), and about how many rows.

    order: the Option with an ORDER BY that names every output column. scope: its FROM. single: it has one row. ended: it has its
    ORDER BY. plain: the Context for further expressions in ORDER BY, None where there can be none.
    """

    def __init__(self, node, columns, rows, scope=None, order=None):
        self.node, self.columns, self.rows, self.scope, self.order = node, columns, rows, scope, order
        self.single, self.ended, self.plain = False, False, None


class Statement:
    """mistaken: there is a wrong name in it. Of two errors that follow from one, either may be told."""

    def __init__(self, query, mistaken):
        self.root, self.order, self.mistaken = Node('root', [query.node]), query.order, mistaken

    def ordered(self):
        return self.order is not None and self.order.present

    def text(self, extended=False):
        return render(self.root, extended)


class Generator(Sources):
    def query(self, outer, env, want=None, kind='any'):
        """kind: 'scalar' gives one row at most, 'array' is in order, 'exists' may have no columns, 'top' is the statement."""
        self.fuel -= 2
        self.depth += 1
        parts, env = self.with_clause(outer, env) if self.fuel > 15 and self.chance() < 0.15 else ([], env)
        roll = self.chance()
        if roll < 0.12 and self.fuel > 10 and kind != 'scalar':
            query = self.set_operation(outer, env, want, kind)
        elif roll < 0.15 and kind not in ('scalar', 'exists'):
            query = self.values(outer, env, want or [self.rng.choice(SORTABLE) for _ in range(self.rng.randint(1, 3))])
        elif roll < 0.17 and want is None and kind != 'scalar':
            query = self.table(outer)
        else:
            query = self.select(outer, env, want, kind)
        result = self.tail(query, kind, env)
        self.depth -= 1
        if parts:
            result.node = Node('query', [*parts, result.node])
            # PostgreSQL 15 may say "could not find CTE" for a field of a record from in here, and rows of tables are records to Headgate
            result.columns = [c if isinstance(c.sort, str) else Column(c.name, RowType([])) for c in result.columns]
        return result

    def table(self, outer):
        table = self.rng.choice(self.tables)
        name = '%s.%s' % (table.schema, spelled(table.name, self.rng))
        return Query(Node('query', ['TABLE ' + name]), [Column(*c) for c in table.columns], table.rows, Scope(outer, [], []))

    def values(self, outer, env, sorts):
        context = Context(Scope(outer, [], []), env)
        rows = []
        for _ in range(self.rng.randint(1, 3)):
            items = Series([self.typed(s, self.expr(s, context, 1)) for s in sorts], minimum=len(sorts))
            rows.append(Node(None, ['(', items, ')']))
        columns = [Column('column%d' % (i + 1), s) for i, s in enumerate(sorts)]
        return Query(Node('query', ['VALUES ', Series(rows)]), columns, len(rows), Scope(outer, [], []))

    def set_operation(self, outer, env, want, kind):
        operator = self.pick({'UNION': 3, 'UNION ALL': 4, 'INTERSECT': 1, 'EXCEPT': 2, 'EXCEPT ALL': 1, 'INTERSECT ALL': 1, 'UNION DISTINCT': 1})
        sorts = want or [self.rng.choice(SORTABLE) for _ in range(self.rng.randint(1, 3))]
        arms = []
        for _ in range(self.rng.choices((2, 3), (4, 1))[0]):
            roll = self.chance()
            if roll < 0.15 and self.fuel > 10:
                arm = self.query(outer, env, sorts)
                arm.node = Node('query', ['(', arm.node, ')'])
            elif roll < 0.3 and self.fuel > 10:
                arm = self.set_operation(outer, env, sorts, 'any')
                arm.node = Node('query', ['(', arm.node, ')'])
            else:
                arm = self.select(outer, env, sorts, 'arm')
            arms.append(arm)
        columns = [Column(c.name, c.sort, c.link) for c in arms[0].columns]
        node = Node('query', [Series([a.node for a in arms], ' %s ' % operator)])
        return Query(node, columns, sum(a.rows for a in arms), Scope(outer, [], []))

    def tail(self, query, kind, env):
        """ORDER BY and LIMIT; only under an order that names every output column."""
        order = None
        total = sortable(query.columns) and query.columns
        wanted = kind in ('scalar', 'array') or self.chance() < (0.5 if kind == 'top' else 0.15)
        if query.single and kind == 'scalar':
            wanted = self.chance() < 0.1
        parts = [query.node]
        if wanted and total and not query.ended:
            items = []
            if query.plain is not None and self.chance() < 0.3:
                sorts = [self.rng.choice(COMPARED) for _ in range(self.rng.choice((1, 1, 2)))]
                extra = [self.compound(s, query.plain) for s in sorts]
                items = self.order_list([n for n in extra if n.parts[0] not in [c.name and quoted(c.name) for c in query.columns]])
            names = [c.name for c in query.columns]
            for i, name in enumerate(names):
                by_name = name is not None and names.count(name) == 1 and self.chance() < 0.4 and query.plain is None and '?' not in name
                items.extend(self.order_list([Node(None, [quoted(name) if by_name else str(i + 1)])]))
            order = Option(' ORDER BY ', Series(items, minimum=len(names)))
            parts.append(order if kind not in ('scalar', 'array') else Node(None, order.parts))
        if kind == 'scalar' and not query.single:
            parts.append(self.rng.choice((' LIMIT 1', ' FETCH FIRST ROW ONLY', ' OFFSET 1 LIMIT 1', ' LIMIT 1 OFFSET 2')))
            query.rows = 1
        elif order is not None and kind != 'scalar' and self.chance() < 0.5:
            parts.append(self.limit(query.scope, env))
            query.rows = min(query.rows, 20)
        node = Node('query', parts) if len(parts) > 1 else query.node
        return Query(node, query.columns, query.rows, query.scope, order)

    def limit(self, scope, env):
        context = Context(Scope(scope.parent, scope.relations, scope.visible, set()), env)
        roll = self.chance()
        if roll < 0.3 and self.fuel > 6:
            return Option(' LIMIT abs(', (self.scalar('int', context), 9), ' % 20)')
        if roll < 0.4:
            rest = self.rng.choice((' ROWS FETCH NEXT 4 ROWS ONLY', ' LIMIT ALL', ' LIMIT 2 + 3'))
            return Option(' OFFSET ', str(self.rng.randint(0, 3)), Option(rest))
        if roll < 0.5:
            return Option(' FETCH FIRST 3 ROWS ' + self.rng.choice(('ONLY', 'WITH TIES')))
        if roll < 0.7:
            value = str(self.rng.randint(0, 9))
            return Option(' LIMIT ', Param(None, value, value, self.rng.choice(('', '::int', '::bigint'))))
        return Option(' LIMIT %d' % self.rng.randint(0, 20), Option(' OFFSET %d' % self.rng.randint(0, 3)))

    def with_clause(self, outer, env):
        env = dict(env)
        recursive = self.chance() < 0.3
        names = self.rng.sample(CTE_NAMES, self.rng.choice((1, 1, 2)))
        inside = dict(env, **{n: None for n in names}) if recursive else env
        items = []
        for name in names:
            if recursive and self.chance() < 0.6:
                node, columns, rows = self.recursion(name, outer, inside)
            else:
                query = self.query(outer, inside)
                columns, renamed = self.rename(query.columns, 0.25)
                listed = '(%s)' % ', '.join(map(quoted, renamed)) if renamed else ''
                how = self.rng.choice((' AS (', ' AS (', ' AS MATERIALIZED (', ' AS NOT MATERIALIZED ('))
                node, rows = Node(None, [spelled(name, self.rng) + listed + how, query.node, ')']), query.rows
            items.append(node)
            env[name] = (columns, rows)
            inside = dict(inside, **{name: (columns, rows)})
        return ['WITH RECURSIVE ' if recursive else 'WITH ', Series(items), ' '], env

    def recursion(self, name, outer, env):
        """Recursions that end: a counter, or the tree of campaigns."""
        q, union = quoted(name), self.rng.choice((' UNION ALL ', ' UNION '))
        context = Context(Scope(outer, [], []), env)
        if self.chance() < 0.5:
            start = self.expr('int', context, 2)
            step = 'SELECT n + 1, v + (SELECT count(*) FROM public.campaigns) FROM %s WHERE n < %d)' % (q, self.rng.randint(1, 4))
            parts = [q + '(n, v) AS (SELECT 1::bigint, (', start, ')::bigint' + union + step]
            return Node(None, parts), [Column('n', 'int'), Column('v', 'int')], 3
        suffix = self.rng.choice(('', '', ' SEARCH DEPTH FIRST BY id SET seq', ' CYCLE id SET looped USING way'))
        parts = ['%s(id, up, level) AS (SELECT id, parent_id, 1 FROM public.campaigns WHERE parent_id IS NULL%s'
                 'SELECT c.id, c.parent_id, p.level + 1 FROM public.campaigns c JOIN %s p ON c.parent_id = p.id)%s' % (q, union, q, suffix)]
        columns = [Column('id', 'int', 'campaign'), Column('up', 'int', 'campaign'), Column('level', 'int')]
        if 'SEARCH' in suffix:
            columns.append(Column('seq', RowType([])))
        elif 'CYCLE' in suffix:
            columns += [Column('looped', 'bool'), Column('way', RowType([]))]
        return Node(None, parts), columns, 9

    # ---- SELECT ----

    def select(self, outer, env, want, kind):
        parts, rows = [], 1
        scope = Scope(outer, [], [])
        if self.chance() > (0.2 if kind == 'scalar' else 0.06):
            series, scope, rows = self.from_clause(outer, env)
            parts = [' FROM ', series]
        where = Context(scope, env)
        if self.chance() < (0.55 if rows < 300 else 0.8):
            parts.append(Option(' WHERE ', self.expr('bool', where, 0)))
            rows *= 0.6
        mode = 'plain'
        if scope.relations:
            mode = self.pick({'plain': 3, 'total': 5, 'grouped': 0.5} if kind == 'scalar' else {'plain': 6, 'total': 1, 'grouped': 3})
        windows, grouping = [], Node(None, [])
        parts.append(grouping)
        if mode == 'plain':
            context = Context(scope, env, windows=windows, total=self.total_order(scope))
        elif mode == 'total':
            context = self.grouped_context(scope, env, set(), [], windows)
        else:
            context = self.group_by(scope, env, windows, grouping)
            rows *= 0.5
        if mode != 'plain' and self.chance() < (0.3 if mode == 'grouped' else 0.1):
            parts.append(Option(' HAVING ', self.expr('bool', context.without(), 1)))
        query = self.select_list(scope, context, parts, want, kind, mode, rows, grouping)
        query.single = mode == 'total' or (not scope.relations and kind == 'scalar')
        return query

    def total_order(self, scope):
        order = []
        for relation in scope.relations:
            if relation.key is None:
                return None
            for column in relation.key:
                spellings = scope.references(relation, column)
                if not spellings:
                    return None
                order.append(Node(column.sort, [self.rng.choice(spellings)]))
        return order

    def grouped_context(self, scope, env, allowed, groups, windows, total=None):
        inside = Scope(scope.parent, scope.relations, scope.visible, allowed)
        arguments = Scope(scope.parent and scope.parent.hidden(), scope.relations, scope.visible)
        return Context(inside, env, aggregate=arguments, groups=groups, windows=windows, total=total)

    def group_by(self, scope, env, windows, clause):
        """Fills the clause; the Context of what may stand in the select list."""
        context, allowed, groups, shown = Context(scope, env), set(), [], []
        primary = [r for r in scope.relations if r.primary]
        sets = self.chance() < 0.25
        if primary and not sets and self.chance() < 0.3:
            relation = self.rng.choice(primary)
            keys = [scope.references(relation, c) for c in relation.primary]
            if all(keys):
                shown = [Node(c.sort, [self.rng.choice(k)]) for c, k in zip(relation.primary, keys)]
                allowed.update((id(relation), c.name) for c in relation.columns)
        for _ in range(self.rng.choice((0, 1)) if shown else self.rng.choice((1, 1, 2, 3))):
            sort = self.near_sort(context, COMPARED)
            node = self.column(sort, context, inner_only=True) if sets else self.compound(sort, context)
            if node is None:
                node, sets = self.compound(sort, context), False
            shown.append(node)
            groups.append((sort, node))
        for scope_column in scope.relations + [None]:
            for column in scope_column.columns if scope_column else [v.column for v in scope.visible if v.relation is None]:
                texts = scope.references(scope_column, column)
                if any(n.parts[0] in texts and len(n.parts) == 1 for n in shown):
                    allowed.add((scope_column and id(scope_column), column.name))
        total = None if sets else [n for n in shown]
        series = self.grouping_sets(shown) if sets else Series(shown)
        clause.parts += [' GROUP BY ', Option('DISTINCT ') if sets and self.chance() < 0.1 else '', series]
        return self.grouped_context(scope, env, allowed, groups, windows, total)

    def grouping_sets(self, shown):
        def subset():
            return Node(None, ['(', Series([n for n in shown if self.chance() < 0.5], minimum=0), ')'])
        roll = self.chance()
        if roll < 0.3:
            return Series([Node(None, ['ROLLUP (', Series(shown), ')'])])
        if roll < 0.5:
            return Series([Node(None, ['CUBE (', Series(shown[:2]), ')'])] + shown[2:])
        sets = [Node(None, ['(', Series(shown), ')'])] + [subset() for _ in range(self.rng.randint(1, 3))]
        if self.chance() < 0.2:
            sets.append(Node(None, ['ROLLUP (', Series(shown), ')']))
        return Series([Node(None, ['GROUPING SETS (', Series(sets), ')'])])

    def select_list(self, scope, context, parts, want, kind, mode, rows, grouping):
        items, columns = [], []
        if kind == 'exists' and self.chance() < 0.3:
            items = [self.rng.choice(('', '1', 'NULL'))]
        elif want is None and mode == 'plain' and scope.visible and self.chance() < 0.2:
            items, columns = self.star(scope)
        if not items:
            count = self.rng.choice((1, 2, 2, 3, 4))
            sorts = want or [self.near_sort(context, SORT_NAMES) if self.chance() < 0.6 else self.sort() for _ in range(count)]
            for sort in sorts:
                node, column = self.output(sort, context, kind, mode, want is None)
                items.append(node)
                columns.append(column)
        if mode == 'total' and not any(map(has_aggregate, items)):
            grouping.parts.append(' GROUP BY ()')
        distinct, ended, order = '', False, []
        if columns and sortable(columns) and kind != 'scalar' and items[0] != '' and self.chance() < 0.15:
            distinct = Option('DISTINCT ')
            if want is None and self.chance() < 0.3 and mode == 'plain' and not scope.allowed:
                distinct, order, ended = self.distinct_on(columns)
        if context.windows:
            clause = Node(None, [' WINDOW ', Series([node for _, _, node in context.windows], minimum=len(context.windows))])
            parts = parts + [clause]
        if kind == 'scalar' and mode == 'plain' and not scope.relations:
            rows = 1
        node = Node('query', ['SELECT ', distinct, Series(items, minimum=1), *parts, *order])
        query = Query(node, columns, rows, scope)
        query.plain = context.without() if distinct == '' and not ended else None
        query.ended = ended
        return query

    def distinct_on(self, columns):
        """DISTINCT ON some of the output columns, in the order of all of them."""
        count = self.rng.randint(1, len(columns))
        on = ', '.join(str(i + 1) for i in range(count))
        order = Series(self.order_list([Node(None, [str(i + 1)]) for i in range(len(columns))]), minimum=len(columns))
        return Node(None, ['DISTINCT ON (%s) ' % on]), [' ORDER BY ', order], True

    def star(self, scope):
        if self.chance() < 0.6:
            return ['*'], [Column(v.column.name, v.column.sort, v.column.link) for v in scope.visible]
        usable = [r for r in scope.relations if scope.relation_named(r.alias) is r and r.columns]
        if not usable:
            return [], []
        relation = self.rng.choice(usable)
        text = quoted(relation.alias) + '.*'
        if relation.bare and self.chance() < 0.3:
            text = '%s.%s.*' % (relation.table.schema, quoted(relation.table.name))
        elif not relation.scalar and scope.column_named(relation.alias) is False and self.chance() < 0.2:
            text = '(%s).*' % quoted(relation.alias)
        return [text], [Column(c.name, c.sort, c.link) for c in relation.columns]

    def output(self, sort, context, kind, mode, free):
        """An item of a select list: (Node, Column)."""
        roll = self.chance()
        if free and kind in ('any', 'top') and mode == 'plain' and roll < 0.05:
            for text, relation in context.scope.whole_rows()[:1]:
                return self.named(Node(None, [text]), RowType(relation.row), relation.alias)
        if free and kind in ('any', 'top', 'exists') and mode == 'plain' and roll > 0.96:
            form, result = self.rng.choice(SET_RETURNING)
            node = self.template(None, (20, compile_template(form)), context.without(), 1)
            return self.named(node, result, None)
        node = self.expr(sort, context, 0)
        name = None
        if len(node.parts) == 1 and isinstance(node.parts[0], str):
            for scope in context.scope.levels():
                for relation, column, field in scope.candidates(sort):
                    if not field and node.parts[0] in (quoted(column.name), '%s.%s' % (relation and quoted(relation.alias), quoted(column.name))):
                        name = column.name
        if kind == 'array' or (kind == 'arm' and sort in QUOTED_UNKNOWN):
            node = self.typed(sort, node)
        return self.named(node, sort, name)

    def named(self, node, sort, name):
        if self.chance() < 0.4:
            name = self.rng.choice(COLUMN_NAMES)
            return Node(None, [node, ' AS ' + quoted(name)]), Column(name, sort)
        return Node(None, [node]), Column(name, sort)


def leaves(node):
    """The plainest things that can stand in place of a node; nothing for what is plain already."""
    if node.sort not in SORTS or len(node.parts) == 1 and isinstance(node.parts[0], str) and node.parts[0].startswith(('NULL::', "'")):
        return []
    _, names, values = SORTS[node.sort]
    return [Node(node.sort, ["'%s'::%s" % (values[0], names[0])], 15), Node(node.sort, ['NULL::' + names[0]], 15)]


def statement(seed, number, masked=False):
    """masked: over what the role of that name sees."""
    generator = Generator(seed, number, MASKED_TABLES if masked else TABLES)
    query = generator.query(None, {}, kind='top')
    return Statement(query, generator.mistaken)


if __name__ == '__main__':
    import sys
    first, count = (int(a) for a in (sys.argv[2:4] if len(sys.argv) > 3 else (0, 10)))
    for i in range(first, first + count):
        print(statement(sys.argv[1] if len(sys.argv) > 1 else '1', i).text()[0] + ';')
