"""What may be copied, the tenants' values in what is stored, and bytes that mean to get a row to somebody else."""
import random

import wire
from files import literal
from run import load
from world import TENANTS


def copy(w, sql, data):
    return load(w, sql, wire.copy_data(data) if data else b'')


def stored(world, table='store.items_all', tenant='tenant_id', what='a'):
    """tenant=value of each row."""
    sql = "SELECT %s || '=' || translate(coalesce(%s, ''), E'\\n\\r', '  ') FROM %s" % (tenant, what, table)
    return sorted(line for line in world.shared(sql).split('\n') if line)


def clear(world):
    world.shared("DELETE FROM store.items_all WHERE tenant_id <> 'globex'; DELETE FROM one WHERE tenant_id <> 'globex'; DELETE FROM owned; DELETE FROM odd;"
                 "DELETE FROM typed")


def test_tenants_values_are_stored_as_they_are(world):
    """Under every option that could make something else of them."""
    formats = [('text', d, n, None, None) for d in '\t|,;NxAé '.replace('x', '').replace('é', '') for n in ('\\N', '', 'NULL', 'acme', 'N', '.', 'été', ' x ')]
    formats += [('csv', d, n, q, e) for d in ',;|.Na' for n in ('', 'acme', 'N', '.', 'été') for q in '"|a.' for e in '"\\a;' if d != q]
    for user, tenant in TENANTS.items():
        with world.connect(user) as w:
            taken = 0
            for form, delimiter, null, quote, escape in random.Random(user).sample(formats, 60):
                sql = 'COPY items (a) FROM STDIN (FORMAT %s, DELIMITER %s, NULL %s' % (form, literal(delimiter), literal(null))
                sql += ', QUOTE %s, ESCAPE %s)' % (literal(quote), literal(escape)) if quote else ')'
                result = copy(w, sql, b'z\n')
                if result.error:  # PostgreSQL has some more rules about what goes together
                    assert result.sqlstate in ('0A000', '22023'), (sql, result.error)
                    continue
                taken += 1
                assert stored(world) == sorted(['globex=others', '%s=z' % tenant]), (sql, stored(world))
                world.shared("DELETE FROM store.items_all WHERE tenant_id <> 'globex'")
            assert taken > 20


ATTACKS = [  # format, bytes
    ('text', b'a\nglobex\tstolen\n'), ('text', b'a\\\nglobex\tstolen\n'), ('text', b'a\r\nglobex\tstolen\r\n'), ('text', b'a\rglobex\tstolen\r'),
    ('text', b'a\r\\\nglobex\tstolen\r'), ('text', b'a\n\\.\nglobex\tstolen\n'), ('text', b'\\.\nglobex\tstolen\n'), ('text', b'\\\\.\nglobex\tstolen\n'),
    ('text', b'a\n\\.\r\nglobex\tstolen\n'), ('text', b'a\\.\nglobex\tstolen\n'), ('text', b'\\N\nglobex\tstolen\n'), ('text', b'\x00globex\tstolen\n'),
    ('text', b'a\xc3\nglobex\tstolen\n'), ('text', b'\xff\nglobex\tstolen\n'), ('text', b'a\\x0aglobex\\x09stolen\n'), ('text', b'a\\nglobex\\tstolen\n'),
    ('text', b'\x08\x08\x08\x08\x08globex\tstolen\n'), ('text', b'a\x1aglobex\tstolen\n'),
    ('csv', b'"\nglobex,stolen\n'), ('csv', b'""\nglobex,stolen\n'), ('csv', b'"""\nglobex,stolen\n'), ('csv', b'a"\nglobex,stolen\n'),
    ('csv', b'"a\nglobex,stolen\n"\n'), ('csv', b'\\"\nglobex,stolen\n'), ('csv', b'"\\"\nglobex,stolen\n'), ('csv', b'\\.\nglobex,stolen\n'),
    ('csv', b'"\n\\.\nglobex,stolen\n'), ('csv', b'"a"\r"\nglobex,stolen\r'), ('csv', b'a\r\nglobex,stolen\n'), ('csv', b'"a\r\n"\nglobex,stolen\n'),
    ('csv', b'\xef\xbb\xbf"a"\nglobex,stolen\n'), ('csv', b'"\x00"\nglobex,stolen\n'), ('csv', b'",\nglobex,stolen\n'),
    ("csv, ESCAPE '\\'", b'"\\"\nglobex,stolen\n'), ("csv, ESCAPE '\\'", b'"\\\\"\nglobex,stolen\n'), ("csv, ESCAPE '\\'", b'\\"\nglobex,stolen\n'),
    ("csv, ESCAPE '\\'", b'"\\\n"\nglobex,stolen\n'), ("csv, QUOTE '\\'", b'\\.\nglobex,stolen\n'), ("csv, QUOTE '\\'", b'\\\n\\.\nglobex,stolen\n'),
    ("csv, QUOTE 'a'", b'a\nglobex,stolen\n'), ("csv, QUOTE ' ', ESCAPE ','", b' , \nglobex,stolen\n'), ("csv, ESCAPE ','", b'",",\nglobex,stolen\n'),
    ('csv, HEADER', b'"\nglobex,stolen\n'), ('csv, HEADER', b'\\.\nglobex,stolen\n'), ('text, HEADER', b'\\\nglobex\tstolen\n'),
    ("text, DELIMITER 'A'", b'\\A\nglobexAstolen\n'), ("text, NULL 'acme'", b'acme\nglobex\tstolen\n'),
]


def test_rows_for_somebody_else(world):
    rng = random.Random(1)
    for columns in ('a', 'a, b'):
        for options, data in ATTACKS:
            for cut in range(4):
                pieces, at = b'', 0
                while at < len(data):
                    size = len(data) if cut == 0 else 1 if cut == 1 else rng.randrange(1, 9)
                    pieces += wire.copy_data(data[at:at + size])
                    at += size
                with world.connect() as w:
                    load(w, 'COPY items (%s) FROM STDIN (FORMAT %s)' % (columns, options), pieces)
                others = [line for line in stored(world) if not line.startswith('acme=')]
                assert others == ['globex=others'], (options, data, others)
    clear(world)


def test_the_tenant_column_of_the_client(world):
    with world.connect() as w:
        refused = 'column "tenant_id" takes only the value of your own tenant'
        for options, data in (('(FORMAT text)', b'1\tacme\tx\n2\tglobex\ty\n'), ('(FORMAT text)', b'1\tacme\tx\n2\t\\N\ty\n'), ('(FORMAT csv)', b'1,acm"e",x\n2,"acme ",y\n'),
                              ("(FORMAT csv, NULL 'acme')", b'1,"acme",x\n2,acme,y\n'), ("(FORMAT csv, NULL 'acme', FORCE_NULL (tenant_id))", b'1,"acme",x\n'),
                              ('(FORMAT text)', b'1\t\\147lobex\tx\n'), ('(FORMAT csv, HEADER)', b'"\n"\n1,globex,x\n')):
            result = copy(w, 'COPY owned FROM STDIN ' + options, data)
            assert (result.sqlstate, result.error['M']) == ('42501', refused), (options, data, result.error)
            assert stored(world, 'owned') == []
        for options, data in (('', b'1\tacme\tx\n2\t\\141c\\x6de\ty\n'), ('(FORMAT csv)', b'1,"acm"e,x\r\n2,acme,y\r\n'), ("(NULL 'acme')", b'1\t\\141cme\tx\n2\ta\\cme\ty')):
            assert copy(w, 'COPY owned FROM STDIN ' + options, data).tag == 'COPY 2'
            assert stored(world, 'owned') == ['acme=1', 'acme=2']
            clear(world)
        assert copy(w, 'COPY owned (a, b) FROM STDIN', b'1\tx\n').tag == 'COPY 1'
        assert stored(world, 'owned') == ['acme=1']
    clear(world)


def test_binary(world):
    """In which only a client that sends its own tenant column can write."""
    def row(*values):
        return len(values).to_bytes(2, 'big') + b''.join(len(v).to_bytes(4, 'big') + v for v in values)
    head, tail = b'PGCOPY\n\xff\r\n\0' + bytes(8), b'\xff\xff'
    with world.connect() as w:
        assert copy(w, 'COPY items FROM STDIN (FORMAT binary)', b'').sqlstate == '0A000'
        assert copy(w, 'COPY owned FROM STDIN (FORMAT binary)', head + row(b'1', b'acme', b'x') + tail).tag == 'COPY 1'
        assert copy(w, 'COPY owned FROM STDIN (FORMAT binary)', head + row(b'2', b'globex', b'x') + tail).sqlstate == '42501'
        assert copy(w, 'COPY owned FROM STDIN (FORMAT binary)', b'nonsense').sqlstate == '22P04'
        assert stored(world, 'owned') == ['acme=1']
    clear(world)


def test_odd_names(world):
    with world.connect() as w:
        for options, data in (('(FORMAT csv, HEADER match)', '"A ""b"",c",select,été\nx,1,y\n'), ('(HEADER match)', 'A "b",c\tselect\tété\nx\t1\ty\n')):
            result = copy(w, 'COPY odd FROM STDIN ' + options, data.encode())
            assert result.tag == 'COPY 1', result.error
        result = copy(w, 'COPY odd FROM STDIN (FORMAT csv, HEADER match)', '"A ""b"",c",select,ete\nx,1,y\n'.encode())
        assert result.error['M'] == 'column name mismatch in header line field 3: got "ete", expected "été"', result.error
        assert result.error['W'] == 'COPY odd, line 1: ""A ""b"",c",select,ete"', result.error
        result = copy(w, 'COPY odd FROM STDIN (FORMAT csv, HEADER match)', b'a\nx,1,y\n')
        assert result.error['M'] == 'wrong number of fields in header line: got 1, expected 3', result.error
        assert stored(world, 'odd', '"the ""tenant"", id"', '"select"::text') == ['acme=1', 'acme=1']
    clear(world)


def test_names_in_errors(world):
    """The physical table is called items_all; what follows its name is the client's."""
    with world.connect() as w:
        for data, where in ((b'1\titems_all\tx\n', 'COPY items, line 1, column c: "x"'), (b'items_all\n', 'COPY items, line 1: "items_all"'),
                            (b'1\t2\t3\n' + b'y' * 200 + b'\n', 'COPY items, line 2: "' + 'y' * 95 + '..."')):
            result = copy(w, 'COPY items FROM STDIN', data)
            assert result.error['W'] == where, (result.error['W'], where)
        result = copy(w, 'COPY typed FROM STDIN', b'1\t2026-01-01\t-5\t{}\t{}\tt\n')
        assert result.sqlstate == '23514' and 'tenant' not in str(result.error) and result.error['W'].startswith('COPY typed, line 1'), result.error
        data = b'7\t2026-01-01\t5\t{a,b}\t{"x": 1}\tt\n'
        assert copy(w, 'COPY typed FROM STDIN', data).tag == 'COPY 1'
        result = copy(w, 'COPY typed FROM STDIN', data)
        assert result.sqlstate == '23505' and 'tenant' not in str(result.error), result.error
        assert w.simple('COPY typed TO STDOUT').statements[0].copied == [b'7\t2026-01-01\t5.00\t{a,b}\t{"x": 1}\tt\n']
    clear(world)


def test_roles(world):
    with world.connect('reader') as w:
        assert copy(w, 'COPY items FROM STDIN', b'').sqlstate == '42501'
        assert w.simple('COPY fixed TO STDOUT').tag == 'COPY 0'
    with world.connect('silent') as w:
        assert w.simple('COPY items TO STDOUT').sqlstate == copy(w, 'COPY items FROM STDIN', b'').sqlstate == '42501'
    with world.connect('regional') as w:
        assert copy(w, 'COPY items FROM STDIN', b'').sqlstate == '42501'
    with world.connect('masked') as w:
        assert w.simple('COPY masked TO STDOUT').statements[0].copied == [b'1\t***\n']
        assert w.simple('COPY masked (secret) TO STDOUT').sqlstate == copy(w, 'COPY masked (id, secret) FROM STDIN', b'').sqlstate == '42703'
        assert copy(w, 'COPY masked FROM STDIN', b'').sqlstate == '42501'
        assert copy(w, 'COPY masked (id) FROM STDIN', b'2\n').tag == 'COPY 1'
        assert w.simple('COPY masked (id) TO STDOUT').statements[0].copied == [b'1\n', b'2\n']
    world.shared('DELETE FROM masked WHERE id = 2')


def test_refused(world):
    with world.connect() as w:
        for sql, sqlstate in (("COPY items TO '/tmp/x'", '42501'), ("COPY items FROM '/etc/passwd'", '42501'), ("COPY items TO PROGRAM 'cat'", '42501'),
                              ("COPY items FROM PROGRAM 'id'", '42501'), ('COPY items FROM STDIN (FREEZE)', '0A000'), ('COPY items FROM STDIN WHERE c > 1', '0A000'),
                              ("COPY items FROM STDIN (ENCODING 'gbk')", '0A000'), ("COPY items TO STDOUT (ENCODING 'sjis')", '0A000'), ('COPY pg_authid TO STDOUT', '42501'),
                              ('COPY pg_class FROM STDIN', '42501'), ('COPY fixed FROM STDIN', '42501'), ('COPY store.items_all TO STDOUT', '42P01'),
                              ('COPY items (tenant_id) TO STDOUT', '42703'), ('COPY items (a, tenant_id) FROM STDIN', '42703'), ('COPY items (ctid) TO STDOUT', '0A000'),
                              ('COPY (SELECT 1; SELECT 2) TO STDOUT', '42601'), ('COPY (COPY items TO STDOUT) TO STDOUT', '42601'),
                              ("COPY items FROM STDIN (DEFAULT 'x')", '42601'), ("COPY items FROM STDIN (FORMAT csv, QUOTE E'\\r')", '22023')):
            result = w.simple(sql)
            assert result.sqlstate == sqlstate, (sql, result.error)


def test_statements_that_write_within(world):
    with world.connect() as w:
        result = w.simple("COPY (INSERT INTO items VALUES ('p', 'q', 1) RETURNING a, b) TO STDOUT (FORMAT csv)")
        assert result.error is None and result.statements[0].copied == [b'p,q\n'], result
        assert stored(world) == ['acme=p', 'globex=others']
        assert w.simple('COPY (DELETE FROM items) TO STDOUT').sqlstate == '0A000'
    clear(world)
