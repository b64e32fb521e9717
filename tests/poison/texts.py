"""Statements that cost their reader more than their writer. Each is a function of a size; sizes are chosen so that the text stays
below LONGEST bytes, the longest that Headgate reads, unless the text is to be longer.

POISON is the list: (name, text). They name the tables of world.py: wide (300 columns), campaigns, messages, channels.
"""
LONGEST = 1 << 20
WIDE = 300  # columns of the table wide


def repeated(part, between='', start='', end='', size=LONGEST):
    """start, then as many parts as fit, then end. A part may say %d: its number."""
    out, length, i = [], len(start) + len(end) + 1, 0
    while True:
        one = (between if i else '') + (part % i if '%d' in part else part)
        length += len(one.encode('utf8'))
        if length > size:
            return start + ''.join(out) + end
        out.append(one)
        i += 1


def nested(opening, closing, inside, depth, start='', end=''):
    return start + opening * depth + inside + closing * depth + end


def deep(depth):
    """Nesting of every kind, `depth` deep."""
    kinds = {
        'brackets': ('(', ')', '1'), 'subqueries': ('(SELECT ', ')', '1'), 'CASE': ('CASE WHEN true THEN ', ' END', '1'),
        'arrays': ('ARRAY[', ']', '1'), 'functions': ('abs(', ')', '1'), 'casts': ('CAST(', ' AS int)', '1'),
        'subscripts': ("('{}'::int[])[", ']', '1'), 'NOT': ('NOT ', '', 'true'), 'minus': ('- ', '', '1'), 'rows': ('ROW(', ')', '1'),
        'IN': ('1 IN (', ')', '1'), 'EXISTS': ('EXISTS (SELECT FROM channels WHERE ', ')', 'true'), 'coalesce': ('coalesce(1, ', ')', '1'),
        'right operand': ('1 + (', ')', '1'), 'power': ('1 ^ (', ')', '1'), 'COLLATE': ('(', ' COLLATE "C")', "'a'"),
        'type': ('', '::int', '1'), 'field': ('(', ').x', 'campaigns'), 'IS': ('', ' IS NULL', '1'), 'ANY': ('1 = ANY (ARRAY[', '])', '1'),
    }
    if depth > 490:
        del kinds['minus']  # the parser makes one number of them
    if 20 < depth < 5000:  # of PostgreSQL's own making: quotes that double at each level, arrays, lists and rows that take it seconds
        for name in ('rows', 'arrays', 'IN', 'EXISTS'):
            del kinds[name]
    for name, (opening, closing, inside) in kinds.items():
        yield 'deep %s, %d' % (name, depth), nested(opening, closing, inside, depth, 'SELECT ')
    yield 'deep FROM, %d' % depth, nested('(SELECT * FROM ', ') q', 'campaigns', depth, 'SELECT * FROM ')
    yield 'deep joins, %d' % depth, nested('(', ' JOIN channels c ON true) ', 'campaigns', depth, 'SELECT 1 FROM ')
    yield 'deep WITH, %d' % depth, nested('WITH x AS (', ') SELECT * FROM x', 'SELECT 1', depth)
    yield 'deep set operations, %d' % depth, nested('(SELECT 1 UNION ', ')', 'SELECT 1', depth)
    yield 'deep comments, %d' % depth, nested('/*', '*/', ' ', depth, 'SELECT 1 ')
    yield 'deep grouping sets, %d' % depth, nested('GROUPING SETS (', ')', '()', depth, 'SELECT 1 FROM campaigns GROUP BY ')
    yield 'deep NATURAL JOIN, %d' % depth, 'SELECT * FROM campaigns a0 ' + ''.join('NATURAL JOIN campaigns a%d ' % i for i in range(depth))
    yield 'deep LATERAL, %d' % depth, nested('(SELECT a.* FROM campaigns a, LATERAL ', ') b', 'campaigns', depth, 'SELECT 1 FROM ')
    yield 'deep EXPLAIN, %d' % depth, 'EXPLAIN ' * depth + 'SELECT 1'
    yield 'deep JSON path, %d' % depth, "SELECT '%s'::jsonb #> '{%s}'" % ('[' * depth + ']' * depth, ','.join('0' * depth))
    yield 'deep arrows, %d' % depth, "SELECT '{}'::jsonb" + " -> 'a'" * depth
    yield 'deep regex, %d' % depth, "SELECT 'a' ~ '%s'" % ('(' * depth + 'a' + ')*' * depth)
    yield 'deep correlated names, %d' % depth, nested('(SELECT max(name) FROM campaigns x WHERE id = (', '))', 'SELECT nowhere', depth, 'SELECT ')
    yield 'unclosed brackets, %d' % depth, 'SELECT ' + '(' * depth
    yield 'unclosed comments, %d' % depth, 'SELECT 1 ' + '/*' * depth


def long(size):
    """Texts of so many bytes that are flat."""
    sums = {'plus': '+', 'AND': ' AND ', 'OR': ' OR ', 'concat': '||', 'comparison': ' = '}
    for name, between in sums.items():
        yield 'long chain of %s' % name, repeated('true' if between.strip() in ('AND', 'OR') else '1', between, 'SELECT ', size=size)
    yield 'long OR of columns', repeated('id=%d', ' OR ', 'SELECT 1 FROM campaigns WHERE ', size=size)
    yield 'long chain of concat with columns', repeated('name', '||', 'SELECT ', ' FROM campaigns', size=size)
    yield 'long IN', repeated('%d', ',', 'SELECT * FROM campaigns WHERE id IN (', ')', size=size)
    yield 'long IN of strings', repeated("'x%d'", ',', 'SELECT * FROM campaigns WHERE name IN (', ')', size=size)
    yield 'long IN of rows', repeated("(%d,1)", ',', 'SELECT * FROM campaigns WHERE (id, id) IN (', ')', size=size)
    yield 'long ARRAY', repeated('%d', ',', 'SELECT ARRAY[', ']', size=size)
    yield 'long VALUES', repeated('(1)', ',', 'VALUES ', size=size)
    yield 'wide VALUES', repeated('1', ',', 'VALUES (', ')', size=size)
    yield 'long VALUES joined', repeated('(1)', ',', 'SELECT * FROM campaigns JOIN (VALUES ', ') v(x) ON v.x = id', size=size)
    yield 'long select list', repeated('1', ',', 'SELECT ', size=size)
    yield 'long select list of columns', repeated('id', ',', 'SELECT ', ' FROM campaigns', size=size)
    yield 'long select list of aliases', repeated('1 a%d', ',', 'SELECT ', size=size)
    yield 'long select list of stars', repeated('*', ',', 'SELECT ', ' FROM campaigns', size=size)
    yield 'long select list of whole rows', repeated('c', ',', 'SELECT ', ' FROM campaigns c', size=size)
    yield 'long select list of unknown', repeated('c.zzz', ',', 'SELECT ', ' FROM campaigns c', size=size)
    yield 'stars over a wide table', repeated('*', ',', 'SELECT ', ' FROM wide', size=size // 256)
    yield 'whole rows of a wide table', repeated('w', ',', 'SELECT ', ' FROM wide w', size=size // 8)
    yield 'many wide tables', repeated('wide w%d', ',', 'SELECT * FROM ', size=size // 4)
    yield 'many wide tables, one column', repeated('wide w%d', ',', 'SELECT w1.c1 FROM ', size=size // 4)
    yield 'many wide subqueries', repeated('(SELECT * FROM wide) w%d', ',', 'SELECT * FROM ', size=size // 4)
    yield 'many wide joins USING', repeated('wide w%d', ' JOIN ', 'SELECT * FROM wide JOIN ', size=200)[:0] + 'SELECT * FROM wide ' + ''.join(
        'JOIN wide w%d USING (id) ' % i for i in range(400))
    yield 'many wide natural joins', 'SELECT 1 FROM wide ' + ''.join('NATURAL JOIN wide w%d ' % i for i in range(400))
    yield 'many tables', repeated('campaigns c%d', ',', 'SELECT 1 FROM ', size=size)
    yield 'many tables, many names', repeated('campaigns c%d', ',', 'SELECT ' + ','.join('c%d.id' % i for i in range(5000)) + ' FROM ', size=size)
    yield 'many tables, bare names', repeated('campaigns c%d', ',', 'SELECT ' + ','.join(['nowhere'] * 5000) + ' FROM ', size=size)
    yield 'many joins', repeated('JOIN channels c%d ON true', ' ', 'SELECT 1 FROM channels ', size=size)
    yield 'many short joins', 'SELECT 1 FROM channels ' + ''.join('JOIN channels c%d ON c%d.id = 1 ' % (i, i) for i in range(450))
    yield 'many subqueries', repeated('(SELECT id FROM campaigns LIMIT 1)', ',', 'SELECT ', size=size)
    yield 'many EXISTS', repeated('EXISTS (SELECT FROM campaigns WHERE id=%d)', ' AND ', 'SELECT 1 WHERE ', size=size)
    yield 'many CTEs', repeated('a%d AS (SELECT 1)', ',', 'WITH ', ' SELECT 1', size=size)
    yield 'many CTEs of tables', repeated('a%d AS (SELECT * FROM campaigns)', ',', 'WITH ', ' SELECT * FROM a1', size=size)
    yield 'CTEs that use the one before', 'WITH a0 AS (SELECT * FROM campaigns)' + ''.join(
        ', a%d AS (SELECT * FROM a%d x, a%d y)' % (i, i - 1, i - 1) for i in range(1, 400)) + ' SELECT 1 FROM a399'
    yield 'CTEs that double', 'WITH a0 AS (SELECT * FROM campaigns)' + ''.join(
        ', a%d AS (SELECT * FROM a%d x JOIN a%d y ON true)' % (i, i - 1, i - 1) for i in range(1, 40)) + ' SELECT * FROM a39'
    yield 'subqueries that double', 'SELECT * FROM ' + '(SELECT x.*, x.* FROM ' * 40 + 'campaigns' + ' x) x' * 41
    yield 'recursive CTEs', 'WITH RECURSIVE ' + ', '.join('a%d AS (SELECT 1 UNION ALL SELECT * FROM a%d)' % (i, (i + 1) % 2000) for i in range(2000)) + ' SELECT 1'
    yield 'CTEs and many uses', repeated('x a%d', ',', 'WITH x AS (SELECT * FROM wide) SELECT 1 FROM ', size=size)
    yield 'many UNION arms', repeated('SELECT 1', ' UNION ALL ', size=size)
    yield 'many UNION arms of tables', repeated('SELECT id FROM campaigns', ' UNION ALL ', size=size)
    yield 'many UNION arms of stars', repeated('TABLE wide', ' UNION ', size=size)
    yield 'a long string', "SELECT '%s'" % ('x' * (size - 20))
    yield 'a string of quotes', "SELECT '%s'" % ("''" * (size // 2 - 20))
    yield 'a long E string', "SELECT E'%s'" % ('\\\\' * (size // 2 - 20))
    yield 'a long name', 'SELECT "%s" FROM campaigns' % ('x' * (size - 40))
    yield 'long names', repeated('"' + 'x' * 1000 + '%d"', ',', 'SELECT ', ' FROM campaigns', size=size)
    yield 'a long alias', 'SELECT 1 AS "%s"' % ('é' * (size // 2 - 20))
    yield 'a long number', 'SELECT ' + '9' * (size - 10)
    yield 'a long comment', 'SELECT 1 /* %s */' % ('x' * (size - 20))
    yield 'many comments', repeated('/**/', '', 'SELECT 1 ', size=size)
    yield 'many line comments', repeated('--\n', '', 'SELECT 1 ', size=size)
    yield 'comment openings', 'SELECT 1 /* ' + '/ * ' * (size // 4 - 10) + '*/'
    yield 'spaces', 'SELECT' + ' ' * (size - 10) + '1'
    yield 'semicolons', ';' * (size - 1)
    yield 'many statements', repeated('SELECT 1', ';', size=size)
    yield 'many statements that read', repeated('SELECT * FROM wide', ';', size=size)
    yield 'many SET', repeated('SET a.b=1', ';', size=size)
    yield 'many BEGIN', repeated('BEGIN', ';', size=size)
    yield 'many SAVEPOINT', repeated('SAVEPOINT a', ';', 'BEGIN;', size=size)
    yield 'many dollar quotes', repeated('$a%d$x$a%d$'.replace('%d$x', '$x').replace('$a%d$', '$a$'), ',', 'SELECT ', size=size)
    yield 'an open dollar quote', 'SELECT $a$' + '$b$' * (size // 3 - 10)
    yield 'nearly dollar quotes', 'SELECT ' + '$a' * (size // 2 - 10)
    yield 'many parameters', repeated('$1', ',', 'SELECT ', size=size)
    yield 'a high parameter', 'SELECT $65535'
    yield 'many casts of parameters', repeated('$%d::int', ',', 'SELECT ', size=size)
    yield 'GROUP BY CUBE', repeated('id', ',', 'SELECT 1 FROM campaigns GROUP BY CUBE (', ')', size=size)
    yield 'GROUP BY many CUBEs', repeated('CUBE (id, name)', ',', 'SELECT 1 FROM campaigns GROUP BY ', size=size)
    yield 'GROUP BY many ROLLUPs', repeated('ROLLUP (id, name)', ',', 'SELECT 1 FROM campaigns GROUP BY ', size=size)
    yield 'GROUPING SETS', repeated('(id, name)', ',', 'SELECT 1 FROM campaigns GROUP BY GROUPING SETS (', ')', size=size)
    yield 'GROUP BY expressions', repeated('id+%d', ',', 'SELECT ' + ','.join('id+%d' % i for i in range(2000)) + ' FROM campaigns GROUP BY ', size=size // 2)
    yield 'GROUP BY numbers', 'SELECT ' + ','.join('id+%d' % i for i in range(1600)) + ' FROM campaigns GROUP BY ' + ','.join(str(i + 1) for i in range(1600))
    yield 'ORDER BY expressions', repeated('id+%d', ',', 'SELECT 1 FROM campaigns ORDER BY ', size=size)
    yield 'windows', repeated('w%d AS (PARTITION BY id)', ',', 'SELECT 1 FROM campaigns WINDOW ', size=size // 16)
    yield 'windows that build on each other', 'SELECT 1 FROM campaigns WINDOW w0 AS (PARTITION BY id)' + ''.join(', w%d AS (w%d)' % (i, i - 1) for i in range(1, 2000))
    yield 'window calls', repeated('sum(id) OVER (ORDER BY name)', ',', 'SELECT ', ' FROM campaigns', size=size)
    yield 'aggregates with FILTER', repeated('count(*) FILTER (WHERE id>%d)', ',', 'SELECT ', ' FROM campaigns', size=size)
    yield 'functions of many arguments', repeated('1', ',', 'SELECT concat(', ')', size=size)
    yield 'functions in FROM', repeated('generate_series(1,2) g%d', ',', 'SELECT 1 FROM ', size=size)
    yield 'ROWS FROM', repeated('generate_series(1,2)', ',', 'SELECT 1 FROM ROWS FROM (', ') x', size=size)
    yield 'long alias list', repeated('a%d', ',', 'SELECT 1 FROM campaigns x(', ')', size=size)
    yield 'long USING list', repeated('id', ',', 'SELECT 1 FROM campaigns a JOIN campaigns b USING (', ')', size=size)
    yield 'long name with dots', 'SELECT ' + '.'.join(['a'] * (size // 2 - 20)) + ' FROM campaigns'
    yield 'long subscripts', "SELECT ('{}'::int[])" + '[1]' * 400
    yield 'hard division', repeated('1/id', '+', 'SELECT * FROM campaigns WHERE 1 < ', size=size // 2)
    yield 'hard casts', repeated('name::int>%d', ' AND ', 'SELECT * FROM campaigns WHERE ', size=size // 2)
    yield 'hard casts in joins', 'SELECT 1 FROM campaigns c0 ' + ''.join('JOIN campaigns c%d ON c%d.name::int = 1 ' % (i, i) for i in range(1, 450))
    yield 'catalog relations', repeated('pg_class c%d', ',', 'SELECT 1 FROM ', size=size)
    yield 'replaced catalog relations', repeated('pg_roles c%d', ',', 'SELECT 1 FROM ', size=size)
    yield 'information_schema', repeated('information_schema.columns c%d', ',', 'SELECT 1 FROM ', size=size)
    yield 'identity', repeated('current_user', ',', 'SELECT ', size=size)
    yield 'PREPARE', repeated('1', '+', 'PREPARE p AS SELECT ', size=size)
    yield 'DECLARE', repeated('1', '+', 'DECLARE c CURSOR FOR SELECT ', size=size)
    yield 'COPY', repeated('1', '+', 'COPY (SELECT ', ') TO STDOUT', size=size)
    yield 'EXPLAIN of a long one', repeated('id+%d', ',', 'EXPLAIN SELECT ', ' FROM campaigns', size=size)
    yield 'SET a long value', "SET application_name = '%s'" % ('x' * (size - 50))
    yield 'SET search_path', repeated('s%d', ',', 'SET search_path = ', size=size)
    yield 'JSON path', "SELECT '{}'::jsonb @? '$%s'" % ('.a' * (size // 2 - 40))


def writes(size):
    def columns(n):
        return ','.join('c%d' % i for i in range(n))
    yield 'exponential multi-column SET', 'UPDATE wide SET (%s) = (WITH x AS (' % columns(10) * 12 + 'SELECT 1' + ') SELECT 1)' * 12
    yield 'multi-column SET of a wide sub-select', 'UPDATE wide SET (%s) = (SELECT %s FROM wide)' % (columns(WIDE), columns(WIDE))
    yield 'multi-column SET in data-modifying WITH', ('WITH x AS (UPDATE wide SET (%s) = (SELECT * FROM (' % columns(9)) * 9 + 'SELECT 1' + ') y)) SELECT 1' * 9
    yield 'INSERT of many rows', repeated("(%d,'x')", ',', 'INSERT INTO campaigns (id, name) VALUES ', size=size)
    yield 'INSERT of one wide row', repeated('1', ',', 'INSERT INTO campaigns VALUES (', ')', size=size)
    yield 'INSERT with many columns', repeated('id', ',', 'INSERT INTO campaigns (', ') SELECT 1', size=size)
    yield 'INSERT of UNION arms', 'INSERT INTO campaigns (id, name) ' + repeated("SELECT 1,'x'", ' UNION ALL ', size=size // 2)
    yield 'INSERT of wide stars', 'INSERT INTO wide SELECT ' + '*,' * 1000 + '* FROM wide'
    yield 'ON CONFLICT with many SETs', repeated("name='%d'", ',', "INSERT INTO campaigns (id,name) VALUES (1,'a') ON CONFLICT (id) DO UPDATE SET ", size=size)
    yield 'ON CONFLICT with many columns', repeated('id', ',', "INSERT INTO campaigns (id,name) VALUES (1,'a') ON CONFLICT (", ') DO NOTHING', size=size)
    yield 'UPDATE of many columns', repeated("name='%d'", ',', 'UPDATE campaigns SET ', size=size)
    yield 'UPDATE FROM many tables', repeated('campaigns c%d', ',', "UPDATE campaigns SET name = 'a' FROM ", size=size)
    yield 'DELETE USING many tables', repeated('campaigns c%d', ',', 'DELETE FROM campaigns USING ', size=size)
    yield 'RETURNING many stars', repeated('*', ',', 'DELETE FROM wide WHERE false RETURNING ', size=size // 8)
    yield 'RETURNING many rows', repeated('wide', ',', 'DELETE FROM wide WHERE false RETURNING ', size=size // 8)
    yield 'hard UPDATE', repeated('name::int>%d', ' AND ', "UPDATE campaigns SET name = 'a' WHERE ", size=size // 2)
    yield 'many data-modifying CTEs', repeated('a%d AS (DELETE FROM campaigns WHERE false RETURNING *)', ',', 'WITH ', ' SELECT 1', size=size)
    yield 'data-modifying CTEs over wide tables', 'WITH ' + ', '.join('a%d AS (DELETE FROM wide WHERE false RETURNING *)' % i for i in range(2000)) + ' SELECT 1'
    yield 'FOR UPDATE of many', repeated('FOR UPDATE OF c', ' ', 'SELECT 1 FROM campaigns c ', size=size)


def beyond():
    """Longer than may be."""
    yield 'too long', 'SELECT ' + '1,' * LONGEST + '1'
    yield 'too long and too deep', '(' * (2 * LONGEST)
    yield 'too long, comments', '/*' * LONGEST
    yield 'not UTF-8', b'SELECT \xff' + b'\xff' * (LONGEST - 100)
    yield 'cut characters', b'SELECT \'' + b'\xc3' * (LONGEST - 100) + b"'"
    yield 'one cut character at the end', b"SELECT '" + b'x' * (LONGEST - 100) + b'\xe2\x82'


def poison():
    for depth in (20, 100, 240, 490, 5000, 60000):
        yield from ((name, text) for name, text in deep(depth) if len(text) <= LONGEST)
    yield from long(LONGEST)
    yield from long(LONGEST // 16)
    yield from writes(LONGEST)
    yield from beyond()


def short():
    """Texts that are rewritten where they come in: each may cost a few milliseconds at most."""
    slow_there = ('wide', 'many', 'EXISTS', 'VALUES', 'WITH')  # for PostgreSQL, a hundred times
    for name, text in [*deep(100), *deep(490), *long(8000), *writes(8000)]:
        if len(text) <= 8192 and not any(word in name for word in slow_there):
            yield name, text
