"""Random expressions: leaves, templates (grammar.py), subqueries, aggregates and windows.

What stands where is told by its Context. Names are those that its scope offers (scope.py). A window function that tells rows of equal
rank apart gets an order that names the keys of all relations, or is not used.
"""
import random

from grammar import (AGGREGATES, BARE, COMPARED, FRAMES_ANY, FRAMES_TOTAL, PREFIX_FORM, QUOTED_UNKNOWN, SORTABLE, SORTS, TEMPLATES,
                     WINDOW, WINDOW_GENERIC)
from scope import quoted
from sqltree import NAME, Node, Option, Param, Series, inner

SORT_NAMES = [s for s in SORTS if SORTS[s][0]]
SORT_WEIGHTS = [SORTS[s][0] for s in SORT_NAMES]
SPELLINGS = {'=': 3, '<>': 1, '!=': 1, '<': 2, '<=': 1, '>': 2, '>=': 1}


class Context:
    """Where an expression stands. aggregate: the scope of aggregates' arguments; groups: the GROUP BY's (sort, Node); windows: the
    WINDOW clause being made; total: the order that tells all rows apart, as Nodes, or None."""

    def __init__(self, scope, env, aggregate=None, groups=(), windows=None, total=None):
        self.scope, self.env, self.aggregate, self.groups, self.windows, self.total = scope, env, aggregate, groups, windows, total

    def without(self, windows=True):
        return Context(self.scope, self.env, self.aggregate, self.groups, None if windows else self.windows, self.total)


def sortable(columns):
    return all(isinstance(c.sort, str) and c.sort in SORTABLE for c in columns)


def text_literal(value, rng):
    plain = "'%s'" % value.replace("'", "''")
    roll = rng.random()
    if roll < 0.06:
        return "E'%s'" % value.replace('\\', '\\\\').replace("'", "\\'")
    if roll < 0.1:
        return '$$%s$$' % value
    if roll < 0.12:
        return "U&'%s'" % value.replace('\\', '\\\\').replace("'", "''").replace('ö', '\\00F6')
    return plain


class Expressions:
    """fuel: what is left to spend on the statement; its subqueries are made by the class that inherits from this."""

    def __init__(self, seed, number, tables):
        self.rng = random.Random('%s:%s' % (seed, number))
        self.chance = self.rng.random
        self.fuel = self.rng.choice((8, 20, 40, 60, 90))
        self.depth = 0
        self.mistake, self.mistaken = self.chance() < 0.025, False
        side = self.rng.choice(('messages', 'messages', 'audit'))
        self.tables = [t for t in tables if t.side in ('', side)]

    def pick(self, weights):
        """A key of a dict by its weight."""
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def sort(self):
        return self.rng.choices(SORT_NAMES, SORT_WEIGHTS)[0]

    # ---- leaves ----

    def literal(self, sort):
        names, values = SORTS[sort][1:]
        value, roll = self.rng.choice(values), self.chance()
        type_name = self.rng.choice(names)
        plain = "'%s'" % value.replace("'", "''")
        if self.chance() < 0.15:
            literal = '%s::%s' % (plain, type_name)
            return Param(sort, literal, value, '::' + type_name)
        if self.chance() < 0.05:
            return Node(sort, ['NULL::' + type_name], 15)
        if sort in BARE and roll < 0.8:
            return Node(sort, [value], 13 if value.startswith('-') else 20)
        if sort in QUOTED_UNKNOWN and roll < 0.5:
            return Node(sort, [text_literal(value, self.rng)])
        if sort in PREFIX_FORM and roll < 0.7:
            return Node(sort, ['%s %s' % (names[0], plain)])
        if roll < 0.9:
            return Node(sort, ['%s::%s' % (plain, type_name)], 15)
        return Node(sort, ['CAST(%s AS %s)' % (plain, type_name)])

    def column(self, sort, context, inner_only=False):
        """A Node that refers to a column, or None."""
        for scope in context.scope.levels():
            found = scope.candidates(sort)
            if found and self.chance() < 0.8:
                for _ in range(3):
                    relation, column, field = self.rng.choice(found)
                    spellings = context.scope.references(relation, column)
                    if spellings:
                        text = self.rng.choice(spellings)
                        return Node(sort, ['(%s).%s' % (text, quoted(field.name)) if field else text], NAME)
            if inner_only:
                break
        return None

    def wrong_name(self, context):
        self.mistake, self.mistaken = False, True
        choices = ['no_such_column', 'nowhere.id', 'public.nowhere.id', 'crm.campaigns.id', '_materialized_daily_metrics.day', 'a.b.c.d.e']
        for scope in context.scope.levels():
            choices += [quoted(v.column.name) for v in scope.visible if context.scope.column_named(v.column.name) is None]
            choices += ['public.%s.id' % quoted(r.alias) for r in scope.relations if not r.bare]
            choices += [quoted(r.table.name) + '.' + quoted(r.columns[0].name) for r in scope.relations if r.table and not r.bare]
            if scope.allowed is not None:
                choices += ['%s.%s' % (quoted(r.alias), quoted(c.name)) for r in scope.relations for c in r.columns] * 2
        return self.rng.choice(choices)

    def leaf(self, sort, context):
        if self.mistake and self.chance() < 0.3:
            return Node(sort, [self.wrong_name(context)])
        if sort == 'bool' and self.chance() < 0.85:
            return self.simple_comparison(context)
        copies = [node for group_sort, node in context.groups if group_sort == sort]
        if copies and self.chance() < 0.7:
            return self.rng.choice(copies)
        if self.chance() < 0.75:
            node = self.column(sort, context)
            if node is not None:
                return node
        if context.aggregate is not None and self.chance() < 0.5:
            node = self.aggregate(sort, context)
            if node is not None:
                return node
        return self.literal(sort)

    def simple_comparison(self, context):
        sort = self.near_sort(context, COMPARED)
        left, right = self.column(sort, context), self.column(sort, context) if self.chance() < 0.3 else None
        if left is None:
            return self.column('bool', context) or self.literal('bool')
        return Node('bool', [left, ' %s ' % self.pick(SPELLINGS), (right or self.literal(sort), 6)], 5)

    def near_sort(self, context, sorts):
        """A sort of which there are columns, most of the time."""
        found = [s for s in context.scope.sorts() if s in sorts]
        if found and self.chance() < 0.75:
            return self.rng.choice(found)
        return self.rng.choice(sorts)

    # ---- expressions ----

    def expr(self, sort, context, depth=0):
        if sort == 'row':
            return self.row(context, depth)
        self.fuel -= 1
        if self.fuel <= 0 or self.chance() < 0.3 + 0.2 * depth:
            return self.leaf(sort, context)
        roll = self.chance()
        if roll < 0.35 and context.aggregate is not None:
            return self.aggregate(sort, context) or self.leaf(sort, context)
        if roll < 0.55 and context.windows is not None:
            return self.window_function(sort, context) or self.leaf(sort, context)
        if roll > 0.9 and self.fuel > 10:
            return self.scalar(sort, context)
        if sort == 'bool':
            if roll > 0.78 and self.fuel > 8:
                return self.subquery_predicate(context, depth)
            if roll > 0.45:
                return self.comparison(context, depth)
        if roll > 0.8 and sort in ('textarr', 'intarr') and self.fuel > 8:
            element = sort[:-3]
            query = self.query(context.scope, context.env, [element], 'array')
            return Node(sort, ['ARRAY(', query.node, ')::bigint[]' if element == 'int' else ')::text[]'], 15)
        return self.template(sort, self.rng.choice(TEMPLATES[sort]), context, depth)

    def compound(self, sort, context):
        """Anything but a constant."""
        node = self.column(sort, context, inner_only=True) if self.chance() < 0.6 else None
        return node or self.template(sort, self.rng.choice(TEMPLATES[sort]), context, 1)

    def template(self, sort, template, context, depth):
        prec, pieces = template
        inside = context.without() if context.windows is not None and self.chance() < 0.7 else context
        parts = [p if isinstance(p, str) else (self.expr(p[0], inside, depth + 1), p[1]) for p in pieces]
        return Node(sort, parts, prec)

    def row(self, context, depth):
        for scope in context.scope.levels():
            names = scope.whole_rows()
            if names and self.chance() < 0.85:
                text, relation = self.rng.choice(names)
                if context.scope.relation_named(relation.alias) is relation and context.scope.column_named(relation.alias) is False:
                    return Node('row', [text])
            found = scope.candidates('row')
            if found:
                spellings = context.scope.references(*self.rng.choice(found)[:2])
                if spellings:
                    return Node('row', [self.rng.choice(spellings)])
        return Node('row', ['ROW(', self.expr('int', context, depth + 1), ', ', (self.expr('text', context, depth + 1), 15), '::text)'])

    def comparison(self, context, depth):
        tenant = self.column('text', context) if self.chance() < 0.15 else None
        if tenant is not None and 'tenant_id' in tenant.parts[0]:
            return Node('bool', [tenant, self.rng.choice((' = ', ' <> ', ' >= ', ' IS NOT DISTINCT FROM ')),
                                 "'%s'" % self.rng.choice(('acme', 'globex', 'initech'))], 5)
        sort = self.near_sort(context, COMPARED)
        left = self.expr(sort, context, depth + 1)
        roll = self.chance()
        if roll < 0.1:
            return Node('bool', [(left, 5), self.rng.choice((' IS NULL', ' IS NOT NULL', ' ISNULL'))], 4)
        if roll < 0.2:
            return Node('bool', [(left, 5), self.rng.choice((' IS DISTINCT FROM ', ' IS NOT DISTINCT FROM ')),
                                 (self.expr(sort, context, depth + 1), 5)], 4)
        if roll < 0.25:
            return Node('bool', [(left, 7), self.rng.choice((' IN (', ' NOT IN (')),
                                 Series([self.expr(sort, context, depth + 1) for _ in range(self.rng.randint(1, 3))]), ')'], 6)
        return Node('bool', [(left, 6), ' %s ' % self.pick(SPELLINGS), (self.expr(sort, context, depth + 1), 6)], 5)

    def scalar(self, sort, context):
        if sort not in SORTABLE:
            return self.leaf(sort, context)
        query = self.query(context.scope, context.env, [sort], 'scalar')
        return Node(sort, ['(', query.node, ')'])

    def subquery_predicate(self, context, depth):
        roll = self.chance()
        if roll < 0.4:
            query = self.query(context.scope, context.env, None, 'exists')
            return Node('bool', ['EXISTS (', query.node, ')'])
        if roll < 0.5:
            sorts = [self.rng.choice(('int', 'text', 'date')) for _ in range(2)]
            query = self.query(context.scope, context.env, sorts)
            left = Series([self.expr(s, context, depth + 1) for s in sorts], minimum=2)
            operator = self.rng.choice((' IN (', ' NOT IN (', ' = ANY (', ' <> ALL ('))
            return Node('bool', ['(', left, ')' + operator, query.node, ')'], 5)
        sort = self.near_sort(context, COMPARED)
        left, query = self.expr(sort, context, depth + 1), self.query(context.scope, context.env, [sort])
        if roll < 0.75:
            return Node('bool', [(left, 7), self.rng.choice((' IN (', ' IN (', ' NOT IN (')), query.node, ')'], 6)
        operator = self.pick(SPELLINGS) + self.rng.choice((' ANY (', ' ALL (', ' SOME ('))
        return Node('bool', [(left, 6), ' ' + operator, query.node, ')'], 5)

    # ---- aggregates and windows ----

    def argument(self, sort, context, depth=1):
        sort = self.sort() if sort == 'any' else sort
        return self.expr('int' if sort == 'json' else sort, context, depth)

    def fill(self, sort, text, pieces):
        """A Node of a template with $-places; a cast or operator at its end makes it bind less."""
        parts, rest = [], text
        while '$' in rest:
            before, rest = rest.split('$', 1)
            place, rest = rest[0], rest[1:]
            parts.append(before)
            if pieces.get(place) is not None:
                parts.append((pieces[place], 16) if place == 'A' else pieces[place])
        parts.append(rest)
        return Node(sort, [p for p in parts if p != ''], 15 if rest.startswith('::') else 20)

    def aggregate(self, sort, context, over=None):
        """An aggregate over the query's own columns only, so that no query around it can claim it; over: as a window function."""
        choices = AGGREGATES.get(sort, [])
        if over is not None:
            choices = [c for c in choices if 'ORDER BY' not in c[0] and 'DISTINCT' not in c[0] and '$D' not in c[0] and 'object' not in c[0]]
        if not choices:
            return None
        text, wanted = self.rng.choice(choices)
        inside = context.without() if over is not None else Context(context.aggregate, context.env)
        pieces = {'A': wanted and self.argument(wanted, inside)}
        if '$D' in text and self.chance() < 0.4 and isinstance(pieces['A'], Node) and pieces['A'].sort in SORTABLE:
            pieces['D'] = Option('DISTINCT ')
        if self.chance() < 0.2:
            plain = Context(context.scope, context.env, groups=context.groups) if over is not None else inside
            pieces['F'] = Option(' FILTER (WHERE ', self.expr('bool', plain, 2), ')')
        if over is not None:
            text = text.replace('$F', '$F $O')
            pieces['O'] = over
        node = self.fill(sort, text, pieces)
        node.aggregate = over is None
        return node

    def window_function(self, sort, context):
        total = context.total is not None and self.chance() < 0.6
        choices = [c for c in WINDOW.get(sort, []) if total or not c[1]]
        if total and sort != 'json':
            choices = choices + WINDOW_GENERIC
        roll = self.chance()
        if roll < 0.5 or not choices:
            return self.aggregate(sort, context, self.over(context, total))
        text = self.rng.choice(choices)[0]
        if sort in QUOTED_UNKNOWN:
            text = text.replace('$A', '$A::' + SORTS[sort][1][0])
        return self.fill(sort, text, {'A': self.argument(sort, context.without()) if '$A' in text else None, 'O': self.over(context, total)})

    def order_list(self, nodes):
        directions = ['', '', '', ' ASC', ' DESC', ' DESC NULLS LAST', ' NULLS FIRST', ' USING <']
        return [Node(None, [(node, 7), self.rng.choice(directions)]) for node in nodes]

    def window_definition(self, context, total):
        """(parts, whether it may still be given a frame)"""
        inside = context.without()
        parts, order = [], []
        if self.chance() < 0.6:
            sorts = [self.rng.choice(SORTABLE) for _ in range(self.rng.choice((1, 1, 2)))]
            parts.append(Option('PARTITION BY ', Series([self.expr(s, inside, 2) for s in sorts])))
        if not total and self.chance() < 0.15:
            return parts + [' ORDER BY ', (self.compound('int', inside), 7), ' RANGE BETWEEN 2 PRECEDING AND 3 FOLLOWING']
        if self.chance() < 0.7 or (total and context.total):
            order = [self.expr(self.rng.choice(SORTABLE), inside, 1) for _ in range(self.rng.choice((0, 1, 1) if total else (1, 1, 2)))]
            order += context.total if total else []
        if order:
            parts.append(Node(None, [' ORDER BY ', Series(self.order_list(order), minimum=len(order) if total else 1)]))
        frame = self.rng.choice(FRAMES_TOTAL if total else FRAMES_ANY)
        if frame and (order or not frame.startswith('GROUPS')):
            parts.append(Option(' ' + frame))
        return parts

    def over(self, context, total):
        windows = context.windows
        named = [name for name, is_total, _ in windows if is_total >= total]
        if named and self.chance() < 0.5:
            return Node(None, ['OVER ' + quoted(self.rng.choice(named))])
        definition = self.window_definition(context, total)
        if len(windows) < 2 and self.chance() < 0.3:
            name = ['w', 'W 2', 'campaigns', 'select'][len(windows) * 2 + self.rng.randint(0, 1)]
            windows.append((name, total, Node(None, [quoted(name), ' AS (', *definition, ')'])))
            return Node(None, ['OVER ' + quoted(name)])
        return Node(None, ['OVER (', *definition, ')'])

    def typed(self, sort, node):
        """A lone literal of unknown type would not do where rows must agree."""
        text = node.parts[0] if not isinstance(node, Param) else None
        if sort in QUOTED_UNKNOWN and isinstance(text, str) and text.startswith(("'", "E'", "U&'", '$$')):
            return Node(sort, [(node, 15), '::' + SORTS[sort][1][0]], 15)
        return node


def has_aggregate(part):
    """Is there an aggregate outside of subqueries?"""
    node = inner(part)
    if node is None or node.sort == 'query':
        return False
    return getattr(node, 'aggregate', False) or any(map(has_aggregate, node.parts))
