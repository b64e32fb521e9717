"""Who sees which column under which name: PostgreSQL's rules, as far as random statements need them.

A Relation is an item of FROM with a name; a Scope is one query level (or the sides of one JOIN) with what it can be called
by, and its parent is the query around it. references() gives every spelling under which a column can be reached from a scope,
which is where names that hide each other are tested.
"""
import re
import string


class RowType:
    """The sort of a whole-row value: its fields."""

    def __init__(self, columns):
        self.columns = columns


class Column:
    def __init__(self, name, sort, link=None):
        self.name, self.sort, self.link = name, sort, link


class Relation:
    """key: columns that tell its rows apart, or at least those that do not look alike; None when there are none such.
    scalar: its name is a value, not a row (a function of one column)."""

    def __init__(self, alias, columns, key, table=None, bare=False, scalar=False):
        self.alias, self.columns, self.key, self.table, self.bare, self.scalar = alias, columns, key, table, bare, scalar
        self.row = columns  # of its row's type
        self.primary = key if table and table.primary else None


class Visible:
    """A column as SELECT * gives it: of a relation, or merged by USING (relation None)."""

    def __init__(self, column, relation):
        self.column, self.relation = column, relation


class Scope:
    """allowed: None, or the only columns that may be used, as (id of the relation or None, name): those of a GROUP BY."""

    def __init__(self, parent, relations, visible, allowed=None):
        self.parent, self.relations, self.visible, self.allowed = parent, relations, visible, allowed
        self.index = None

    def hidden(self):
        """The same names, of which none may be used."""
        return Scope(self.parent and self.parent.hidden(), self.relations, self.visible, set())

    def beside(self, item, usable):
        """What LATERAL sees in a join: this scope and the item on the left; not usable: its names only."""
        def names(relations, visible):
            return {(id(r), c.name) for r in relations for c in r.columns} | {(None, v.column.name) for v in visible if v.relation is None}
        allowed = self.allowed
        if allowed is None and not usable:
            allowed = names(self.relations, self.visible)
        elif allowed is not None and usable:
            allowed = allowed | names(item.relations, item.visible)
        return Scope(self.parent, self.relations + item.relations, self.visible + item.visible, allowed)

    def levels(self):
        scope = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def candidates(self, sort):
        """(relation, column, field) of this level that give a value of the sort; field: of a whole-row column."""
        if self.index is None:
            self.index = {}
            for relation in self.relations:
                for column in relation.columns:
                    self.add(relation, column)
            for visible in self.visible:
                if visible.relation is None:
                    self.add(None, visible.column)
        return self.index.get(sort, [])

    def sorts(self):
        """The sorts of this level's columns."""
        self.candidates(None)
        return list(self.index)

    def add(self, relation, column):
        if self.allowed is not None and (relation and id(relation), column.name) not in self.allowed:
            return
        if isinstance(column.sort, RowType):
            for field in column.sort.columns:
                if not isinstance(field.sort, RowType):
                    self.index.setdefault(field.sort, []).append((relation, column, field))
            self.index.setdefault('row', []).append((relation, column, None))
        else:
            self.index.setdefault(column.sort, []).append((relation, column, None))

    # ---- what a name means from here ----

    def relation_named(self, alias):
        for scope in self.levels():
            found = [r for r in scope.relations if r.alias == alias]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def relation_of_table(self, table):
        for scope in self.levels():
            found = [r for r in scope.relations if r.bare and r.table is table]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def column_named(self, name):
        """The Visible of a name alone; None when it is ambiguous, False when there is none."""
        for scope in self.levels():
            found = [v for v in scope.visible if v.column.name == name]
            if found:
                return found[0] if len(found) == 1 else None
        return False

    def references(self, relation, column):
        out = []
        if relation is not None:
            if self.relation_named(relation.alias) is relation:
                out.append('%s.%s' % (quoted(relation.alias), quoted(column.name)))
                if not relation.scalar and self.column_named(relation.alias) is False:
                    out.append('(%s).%s' % (quoted(relation.alias), quoted(column.name)))
                out.append(out[0])
            if relation.bare and self.relation_of_table(relation.table) is relation:
                out.append('%s.%s.%s' % (relation.table.schema, quoted(relation.table.name), quoted(column.name)))
        found = self.column_named(column.name)
        if found and found.column is column and found.relation is relation:
            out.extend([quoted(column.name)] * 2)
        return out

    def whole_rows(self):
        """Names that stand for the row of a relation of this level: (text, relation)."""
        if self.allowed is not None:
            return []
        return [(quoted(r.alias), r) for r in self.relations
                if r.columns and not r.scalar and self.column_named(r.alias) is False and self.relation_named(r.alias) is r]


KEYWORDS = {'select', 'order', 'user', 'end', 'case', 'table', 'all', 'group', 'window'}
PLAIN = re.compile('[a-z_][a-z0-9_]*$')


def quoted(name):
    if PLAIN.match(name) and name not in KEYWORDS:
        return name
    return '"%s"' % name.replace('"', '""')


def spelled(name, rng):
    """A name as someone may write it: in capitals, in quotes that it does not need, in U&."""
    plain = quoted(name)
    roll = rng.random()
    if roll < 0.9:
        return plain
    if plain == name and roll < 0.94:
        return ''.join(rng.choice((c, c.upper())) for c in name)
    if name[0] in string.ascii_letters and '"' not in name and roll < 0.97:
        return 'U&"\\%04X%s"' % (ord(name[0]), name[1:])
    return '"%s"' % name.replace('"', '""')
