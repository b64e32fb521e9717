"""Random FROM clauses: tables, CTEs, subqueries, VALUES and functions, joined in every way.

Each item tells which relations and columns it makes visible, and about how many rows it has, so that joins stay small.
"""
from expressions import Context, Expressions, sortable
from grammar import SORTABLE, compile_template
from scope import Column, Relation, Scope, Visible, quoted, spelled
from sqltree import Node, Option, Series

ALIASES = ['a', 'b', 'c', 'm', 'x', 'y', 'z', 't1', 't2', 'campaigns', 'messages', 'contacts', 'events', 'audit', 'channels', 'daily_metrics',
           'Mixed Case', 'select', 'A b', 'tenant_id', 'public', 'crm', 'ünï', 'pg_class', 'materialized', 'q"uote', 'id', 'pg_temp']
COLUMN_NAMES = ['a', 'b', 'c', 'd', 'e', 'id', 'tenant_id', 'name', 'status', 'contact_no', 'select', 'Draft No', 'campaigns', 'K', 'oid_', 'n']
# functions in FROM, and the sorts of their columns
FUNCTIONS = {
    'generate_series(1, {int:9} % 4)': ('int',), 'generate_series(1, 3)': ('int',), 'unnest({textarr})': ('text',),
    'unnest({intarr}, {textarr})': ('int', 'text'), 'jsonb_each({jobj})': ('text', 'jsonb'), 'jsonb_each_text({jobj})': ('text', 'text'),
    'jsonb_object_keys({jobj})': ('text',), "string_to_table({text:15}, ' ')": ('text',), "regexp_split_to_table({text:15}, '[ -]')": ('text',),
    "jsonb_path_query({jobj}, '$.nested.b[*]')": ('jsonb',), "generate_series({date}, {date:8} + 2, '1 day')": ('tz',),
    'ROWS FROM (generate_series(1, 2), unnest({textarr}))': ('int', 'text'),
}


class Item:
    """An item of FROM; is_open: a join without brackets, which cannot stand on the right of another."""

    def __init__(self, node, relations, visible, rows, is_open=False):
        self.node, self.relations, self.visible, self.rows, self.is_open = node, relations, visible, rows, is_open


class Sources(Expressions):
    def alias(self, names, avoided=()):
        free = [a for a in ALIASES if a not in names and a not in avoided]
        alias = self.rng.choice(free) if free else 'f%d' % len(names)
        names[alias] = None
        return alias

    def names_for(self, count):
        return self.rng.sample(COLUMN_NAMES, count) if count <= len(COLUMN_NAMES) else ['k%d' % i for i in range(count)]

    def as_alias(self, alias, columns=None):
        listed = '(%s)' % ', '.join(map(quoted, columns)) if columns else ''
        return self.rng.choice((' AS ', ' AS ', ' ')) + quoted(alias) + listed

    def finish_item(self, parts, relation, rows):
        return Item(Node('from', parts), [relation], [Visible(c, relation) for c in relation.columns], rows)

    def item(self, outer, env, names, lateral, depth):
        roll = self.chance()
        self.fuel -= 1
        if roll < 0.4 and depth < 3 and self.fuel > 5:
            return self.join(outer, env, names, lateral, depth)
        if roll < 0.55 and depth < 3 and self.fuel > 12:
            return self.derived(outer, env, names, lateral)
        if roll < 0.62:
            return self.function_item(lateral or Scope(outer, [], []), env, names)
        if roll < 0.66:
            return self.values_item(outer, env, names)
        ctes = [n for n in env if env[n] is not None]
        if ctes and self.chance() < 0.5:
            return self.cte_item(self.rng.choice(ctes), env, names)
        return self.base_item(env, names)

    def base_item(self, env, names):
        table = self.rng.choice(self.tables)
        text = spelled(table.name, self.rng)
        if table.schema != 'public' or table.name in env or self.chance() < 0.25:
            text = '%s.%s' % (spelled(table.schema, self.rng), text)
        text = self.pick({text: 30, 'ONLY ' + text: 1, text + ' *': 1})
        columns = [Column(*c) for c in table.columns]
        key = [c for c in columns if c.name in table.key]
        used = names.get(table.name, ())
        if used is not None and table not in used and self.chance() < 0.45:
            names[table.name] = tuple(used) + (table,)
            relation = Relation(table.name, columns, key, table, bare=True)
            parts = [text]
        else:
            alias, renamed = self.alias(names), None
            if self.chance() < 0.15:
                renamed = self.names_for(self.rng.randint(1, len(columns)))
                if len({c.name for c in columns[len(renamed):]} | set(renamed)) < len(columns):
                    renamed = self.names_for(len(columns))
                for column, name in zip(columns, renamed):
                    column.name = name
            relation = Relation(alias, columns, key, table)
            relation.row = [Column(*c) for c in table.columns]
            parts = [text + self.as_alias(alias, renamed)]
        if self.chance() < 0.03:
            parts.append(Option(self.rng.choice((' TABLESAMPLE bernoulli (100)', ' TABLESAMPLE bernoulli (100.0)'))))
        return self.finish_item(parts, relation, table.rows)

    def cte_item(self, name, env, names):
        columns, rows = env[name]
        columns = [Column(c.name, c.sort, c.link) for c in columns]
        key = columns if sortable(columns) else None
        if name not in names and self.chance() < 0.6:
            names[name] = None
            return self.finish_item([spelled(name, self.rng)], Relation(name, columns, key), rows)
        alias = self.alias(names)
        return self.finish_item([quoted(name) + self.as_alias(alias)], Relation(alias, columns, key), rows)

    def derived(self, outer, env, names, lateral):
        is_lateral = lateral is not None and self.chance() < 0.6
        query = self.query(lateral if is_lateral else outer, env)
        alias = self.alias(names)
        columns, renamed = self.rename(query.columns, 0.2)
        parts = ['LATERAL (' if is_lateral else '(', query.node, ')' + self.as_alias(alias, renamed)]
        return self.finish_item(parts, Relation(alias, columns, columns if sortable(columns) else None), query.rows)

    def rename(self, columns, chance):
        """Columns with names that are all known and different, and the list that makes them so, or None."""
        listed = [c.name for c in columns]
        if None in listed or len(set(listed)) < len(listed) or (listed and self.chance() < chance):
            names = self.names_for(len(columns))
            return [Column(n, c.sort, c.link) for n, c in zip(names, columns)], names
        return [Column(c.name, c.sort, c.link) for c in columns], None

    def values_item(self, outer, env, names):
        sorts = [self.rng.choice(SORTABLE) for _ in range(self.rng.randint(1, 3))]
        query = self.values(outer, env, sorts)
        alias, columns = self.alias(names), [Column(n, s) for n, s in zip(self.names_for(len(sorts)), sorts)]
        parts = ['(', query.node, ')' + self.as_alias(alias, [c.name for c in columns])]
        return self.finish_item(parts, Relation(alias, columns, columns), query.rows)

    def function_item(self, lateral, env, names):
        context = Context(lateral, env)
        form = self.rng.choice(list(FUNCTIONS))
        sorts = FUNCTIONS[form]
        alias = self.alias(names, ('pg_class',))
        node = self.template('function', (20, compile_template(form)), context, 1)
        ordinality = self.chance() < 0.25 and not (len(sorts) > 1 and form.startswith('jsonb'))
        columns = [Column(n, s) for n, s in zip(self.names_for(len(sorts) + ordinality), sorts + ('int',) * ordinality)]
        listed = [c.name for c in columns]
        if len(columns) == 1 and not form.startswith('ROWS') and self.chance() < 0.4:
            columns[0].name, listed = alias, None
        prefix = self.rng.choice(('', '', 'LATERAL '))
        parts = [prefix, node, ' WITH ORDINALITY' if ordinality else '', self.as_alias(alias, listed)]
        scalar = len(columns) == 1 and not form.startswith('ROWS')
        return self.finish_item(parts, Relation(alias, columns, columns, scalar=scalar), 3)

    def join(self, outer, env, names, lateral, depth):
        left = self.item(outer, env, names, lateral, depth + 1)
        kind = self.pick({'JOIN': 4, 'INNER JOIN': 2, 'LEFT JOIN': 4, 'LEFT OUTER JOIN': 1, 'RIGHT JOIN': 2, 'FULL JOIN': 2, 'FULL OUTER JOIN': 1, 'CROSS JOIN': 1})
        inside = (lateral or Scope(outer, [], [])).beside(left, kind.split()[0] not in ('RIGHT', 'FULL'))
        right = self.item(outer, env, names, inside, depth + 1)
        product = left.rows * right.rows
        scope = Scope(outer, left.relations + right.relations, left.visible + right.visible)
        common = self.common_columns(left, right)
        if kind == 'CROSS JOIN' and product <= 800:
            return self.joined(left, [' CROSS JOIN '], right, scope.visible, product, names)
        if kind == 'CROSS JOIN':
            kind = 'JOIN'
        if common and self.chance() < 0.35:
            return self.join_using(left, kind, right, common, names)
        condition, rows = self.join_condition(left, right, scope, env, kind, product)
        if condition is None:
            return left
        return self.joined(left, [' %s ' % kind, None, ' ON ', condition], right, scope.visible, rows, names)

    def common_columns(self, left, right):
        """Names that USING could merge; None when NATURAL would not do."""
        def by_name(item):
            found = {}
            for v in item.visible:
                found.setdefault(v.column.name, []).append(v.column)
            return found
        a, b = by_name(left), by_name(right)
        both = [n for n in a if n in b]
        good = [n for n in both if len(a[n]) == len(b[n]) == 1 and a[n][0].sort == b[n][0].sort and a[n][0].sort in SORTABLE]
        return (good, len(good) == len(both)) if good else None

    def join_using(self, left, kind, right, common, names):
        merged, natural_will_do = common
        natural = natural_will_do and self.chance() < 0.4
        if not natural and len(merged) > 1 and self.chance() < 0.5:
            merged = merged[:1]
        columns = {v.column.name: v.column for v in left.visible if v.column.name in merged}
        order = [v.column.name for v in left.visible if v.column.name in merged] if natural else merged
        fresh = [Visible(Column(n, columns[n].sort, columns[n].link), None) for n in order]
        visible = fresh + [v for side in (left, right) for v in side.visible if v.column.name not in merged]
        rows = max(left.rows, right.rows) * 2
        if any(columns[n].link is None for n in merged) and 'tenant_id' in merged + ['tenant_id']:
            rows = left.rows * right.rows if left.rows * right.rows < 800 else rows * 4
        if natural:
            return self.joined(left, [' NATURAL %s ' % kind], right, visible, rows, names)
        using = ' USING (%s)' % ', '.join(map(quoted, merged))
        extra = []
        if self.chance() < 0.1:
            alias = self.alias(names)
            using += ' AS ' + quoted(alias)
            extra = [Relation(alias, [v.column for v in fresh], [])]
        return self.joined(left, [' %s ' % kind, None, using], right, visible, rows, names, extra)

    def join_condition(self, left, right, scope, env, kind, product):
        context = Context(scope, env)
        pairs = [(v, w) for v in left.visible for w in right.visible
                 if v.column.sort == w.column.sort and v.column.sort in SORTABLE and v.column.sort not in ('bool', 'jsonb', 'jobj')]
        linked = [p for p in pairs if p[0].column.link and p[0].column.link == p[1].column.link]
        self.rng.shuffle(pairs)
        equal = None
        for v, w in (linked if linked and self.chance() < 0.8 else []) + pairs[:4]:
            a, b = scope.references(v.relation, v.column), scope.references(w.relation, w.column)
            if a and b:
                equal = Node('bool', ['%s = %s' % (self.rng.choice(a), self.rng.choice(b))], 5)
                break
        if equal is None and (product > 800 or kind.startswith('FULL')):
            return None, 0
        if kind.startswith('FULL') or (equal and self.chance() < 0.5):
            return equal, max(left.rows, right.rows) * 1.5
        other = self.expr('bool', context, 1)
        if equal is None:
            return other, product
        if product <= 800 and self.chance() < 0.3:
            return Node('bool', [equal, ' OR ', (other, 2)], 1), product
        return Node('bool', [equal, ' AND ', (other, 3)], 2), max(left.rows, right.rows) * 1.5

    def joined(self, left, middle, right, visible, rows, names, extra=()):
        """middle: parts, with None where the right side stands unless it is last."""
        if right.is_open:
            right.node = Node('from', ['(', right.node, ')'])
        parts = [left.node] + [right.node if p is None else p for p in middle] + ([] if None in middle else [right.node])
        bracketed = self.chance() < 0.35
        node = Node('from', ['(', *parts, ')'] if bracketed else parts)
        relations = left.relations + right.relations + list(extra)
        if bracketed and self.chance() < 0.2:
            alias = self.alias(names)
            columns, renamed = self.rename([v.column for v in visible], 0.3)
            node = Node('from', [node, self.as_alias(alias, renamed)])
            relation = Relation(alias, columns, columns if sortable(columns) else None)
            return Item(node, [relation], [Visible(c, relation) for c in columns], rows)
        return Item(node, relations, visible, rows, not bracketed)

    def from_clause(self, outer, env):
        """(Series of items, scope, rows)"""
        names, items = {}, []
        relations, visible, rows = [], [], 1
        for i in range(self.rng.choices((1, 2, 3), (14, 4, 1))[0]):
            lateral = Scope(outer, list(relations), list(visible)) if i else None
            item = self.item(outer, env, names, lateral, 0 if i == 0 else 2)
            if i and rows * item.rows > 800:
                continue
            items.append(item.node)
            relations, visible, rows = relations + item.relations, visible + item.visible, rows * item.rows
        return Series(items), Scope(outer, relations, visible), rows
