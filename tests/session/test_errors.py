"""What servers say when a statement that writes fails: the client hears of it what a private database would have said, and nothing
of physical names, of other tenants, or of columns that it does not see."""
import wire

FIELDS = 'SVCMDHPstcdn'  # all but file, line, routine, and the context


def fields(result):
    return {k: result.error.get(k) for k in FIELDS if result.error.get(k) is not None}


def same(world, statement, user='wendy', **but):
    """The errors are equal, but for fields that are said otherwise: `but`, None for those that are not said at all."""
    with world.connect(user=user) as here, world.private() as there:
        for session in (here, there):
            session.simple('BEGIN')
        a, b = here.simple(statement), there.simple(statement)
        assert a.error and b.error, '%s\n  here  %s\n  there %s' % (statement, a.error, b.error)
        expected = dict(fields(b), **but)
        expected = {k: v for k, v in expected.items() if v is not None}
        assert fields(a) == expected, '%s\n  here  %s\n  there %s' % (statement, fields(a), expected)
        assert not set(a.error) & set('FLRWqp'), a.error


def heard(world, statement, user='wendy', **expected):
    with world.connect(user=user) as w:
        w.simple('BEGIN')
        error = w.simple(statement).error
        assert {k: error.get(k) for k in expected} == expected, '%s\n  %s' % (statement, error)
        said = ' '.join(str(v) for v in error.values())
        for name in ('globex', 'orders_v2', 'store', 'cust_', 'ord_', 'visits_of', 'internal_score', 'headgate'):
            assert name not in said, said
        return error


def test_duplicates(world):
    same(world, "INSERT INTO customers (id, name) VALUES (1, 'x')")
    same(world, "INSERT INTO customers (id, name, code) VALUES (9, 'acme customer 2', '2')")
    same(world, "INSERT INTO customers SELECT id, name FROM customers")
    same(world, 'UPDATE customers SET id = 2 WHERE id = 1')
    same(world, 'INSERT INTO orders (id) VALUES (2)')
    same(world, "INSERT INTO visits VALUES ('2026-01-01', 'again')")
    same(world, "WITH w AS (INSERT INTO orders (id) VALUES (2) RETURNING id) SELECT * FROM w")
    # the key of another tenant's row is no duplicate
    with world.connect(user='wendy') as w:
        w.simple('BEGIN')
        assert w.simple("INSERT INTO customers (id, name, code) VALUES (6, 'globex customer 1', '1')").tag == 'INSERT 0 1'


def test_duplicates_of_what_is_not_seen(world):
    heard(world, "INSERT INTO customers (id, name) VALUES (1, 'x')", 'clem', C='42501')
    heard(world, 'INSERT INTO customers (id) VALUES (1)', 'clem', C='23502', D=None, t='customers',
          M='null value in column "name" of relation "customers" violates not-null constraint')
    heard(world, 'UPDATE customers SET id = 2 WHERE id = 1', 'clem', C='23505', n='customers_pkey', D='Key (id)=(2) already exists.')


def test_foreign_keys(world):
    same(world, 'INSERT INTO orders VALUES (9, 99)')
    same(world, 'UPDATE orders SET customer_id = 77 WHERE id = 1')
    same(world, 'DELETE FROM customers WHERE id = 3')
    same(world, 'UPDATE customers SET id = 33 WHERE id = 3')
    heard(world, 'DELETE FROM customers WHERE id = 3', 'clem', C='23503', D=None, t=None, s=None, n=None,
          M='update or delete on table "customers" violates foreign key constraint "…" on table "…"')


def test_rows(world):
    same(world, 'INSERT INTO customers (id) VALUES (7)', D=None)
    same(world, 'UPDATE customers SET name = NULL', D=None)
    same(world, "INSERT INTO visits VALUES ('2027-01-01', NULL)", D=None)
    same(world, "INSERT INTO customers VALUES (7, 'x', 1, '')", D=None, n=None,
         M='new row for relation "customers" violates check constraint "…"')
    same(world, "INSERT INTO customers VALUES (7, 'x', -1)", n=None, M='value for domain grade violates check constraint "…"')


def test_data(world):
    same(world, "INSERT INTO customers VALUES (7, 'x', 'y')")
    same(world, "INSERT INTO customers VALUES (7, 'x', 1, 'toolong')")
    same(world, "INSERT INTO customers VALUES (7, 'x', 1, 'z', 'angry')")
    same(world, 'INSERT INTO orders VALUES (7, 1, 123456)')
    same(world, 'UPDATE orders SET total = 1 / (id - 1)')
    same(world, "UPDATE customers SET grade = name::integer WHERE id = 1", M='invalid input syntax for type integer: "…"')
    same(world, "UPDATE customers SET grade = name::integer WHERE name = 'acme customer 4'")


def test_bound_values(world):
    with world.connect(user='wendy') as here, world.private() as there:
        errors = []
        for session in (here, there):
            session.send(wire.parse('', 'INSERT INTO orders (id, customer_id) VALUES ($1, $2)') + wire.bind('', '', ['2', '1']) + wire.execute() + wire.sync())
            errors.append(fields(session.result()))
        assert errors[0] == errors[1], errors
        assert errors[0]['D'] == 'Key (id)=(2) already exists.'


def test_copied_rows(world):
    for copy, data, but in (('customers (id, name)', b'20\ta\n1\tdup\n', {}), ('customers (id, name)', b'x\ty\n', {}), ('customers (id)', b'20\n', {'D': None}),
                            ('orders (id, customer_id)', b'20\t99\n', {}), ('visits', b'2026-01-01\tx\n', {})):
        with world.connect(user='wendy') as here, world.private() as there:
            errors = []
            for session in (here, there):
                session.simple('BEGIN')
                session.send(wire.query('COPY %s FROM STDIN' % copy))
                session.send(wire.copy_data(data) + wire.copy_done())
                errors.append({k: v for k, v in session.result().error.items() if k in FIELDS + 'W' and but.get(k, v) is not None})
            assert errors[0] == errors[1], errors


def test_foreign_tenants_value(world):
    with world.connect(user='wendy') as w:
        w.simple('BEGIN')
        error = w.simple("INSERT INTO audit SELECT 'glob' || 'ex', 1").error
        assert (error['C'], error['M']) == ('42501', 'column "tenant_id" takes only the value of your own tenant'), error
        w.simple('ROLLBACK')
        w.simple('BEGIN')
        assert w.simple("INSERT INTO audit SELECT 'ac' || 'me', 1").tag == 'INSERT 0 1'
        error = w.simple("UPDATE audit SET tenant_id = note || 'x'").error
        assert error['C'] in ('42501', '23502'), error


def test_locks_of_others(world):
    with world.connect(user='wendy') as one, world.connect(user='wendy') as two:
        one.simple('BEGIN')
        one.simple('SELECT * FROM orders WHERE id = 1 FOR UPDATE')
        two.simple('BEGIN')
        error = two.simple('SELECT * FROM orders WHERE id = 1 FOR UPDATE NOWAIT').error
        assert (error['C'], error['M']) == ('55P03', 'could not obtain lock on row in relation "orders"'), error


def test_deadlock(world):
    with world.connect(user='wendy') as one, world.connect(user='wendy') as two:
        one.simple('BEGIN'), two.simple('BEGIN')
        one.simple('UPDATE orders SET total = 1 WHERE id = 1')
        two.simple('UPDATE orders SET total = 1 WHERE id = 2')
        one.send(wire.query('UPDATE orders SET total = 1 WHERE id = 2'))
        two.send(wire.query('UPDATE orders SET total = 1 WHERE id = 1'))
        errors = [e for e in (one.result().error, two.result().error) if e]
        assert len(errors) == 1 and errors[0]['C'] == '40P01', errors
        assert 'D' not in errors[0] and 'W' not in errors[0], errors


SPEAKS = """
CREATE FUNCTION public.speak() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE others text := (SELECT string_agg(name, ',') FROM public.campaigns WHERE tenant_id <> NEW.tenant_id);
BEGIN
    CASE NEW.note
        WHEN 'raise' THEN RAISE EXCEPTION 'not beside %', others USING DETAIL = others, HINT = others, CONSTRAINT = 'of globex', TABLE = 'globex';
        WHEN 'code' THEN RAISE EXCEPTION 'not beside %', others USING ERRCODE = '23514';
        WHEN 'busy' THEN RAISE EXCEPTION 'not beside %', others USING ERRCODE = '55P03';
        WHEN 'notice' THEN RAISE WARNING 'beside %', others;
        WHEN 'dynamic' THEN EXECUTE 'SELECT ' || quote_ident(others);
        WHEN 'cast' THEN RETURN (NULL, others::integer, NULL);
        ELSE NULL;
    END CASE;
    RETURN NEW;
END $$;
CREATE TRIGGER speak BEFORE INSERT ON public.audit FOR EACH ROW EXECUTE FUNCTION public.speak();
"""


def test_what_triggers_say(world):
    """A trigger sees the rows of all tenants: that it failed is told, and the SQLSTATE; its words are not, in notices either."""
    world.aurora.sql(SPEAKS, database='data')
    try:
        with world.connect(user='wendy') as w:
            for note, code in (('raise', 'P0001'), ('code', '23514'), ('busy', '55P03'), ('dynamic', '42703'), ('cast', '22P02')):
                r = w.simple("INSERT INTO audit VALUES ('acme', 1, '%s')" % note)
                assert r.sqlstate == code and 'globex' not in str(r.error) + str(r.notices), r
                assert r.error['M'] == 'a function of the database, such as a trigger, has raised an error', r
                assert not set(r.error) & set('DWstcdn'), r.error
            r = w.simple("INSERT INTO audit VALUES ('acme', 1, 'notice')")
            assert (r.tag, r.notices) == ('INSERT 0 1', []), r
            w.send(wire.query('COPY audit FROM STDIN'))
            w.send(wire.copy_data(b'acme\t1\traise\n') + wire.copy_done())
            r = w.result()
            assert r.sqlstate == 'P0001' and 'globex' not in str(r.error), r
            w.send(wire.query('COPY audit FROM STDIN'))
            w.send(wire.copy_data(b'acme\tPL/x\tnothing\n') + wire.copy_done())
            r = w.result()
            assert r.sqlstate == '22P02' and 'PL/x' in r.error['M'], r
    finally:
        world.aurora.sql('DROP TRIGGER speak ON public.audit; DROP FUNCTION public.speak()', database='data')
