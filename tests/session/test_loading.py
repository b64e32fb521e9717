"""The numbers of types and tables, which Headgate asks of a backend at first: a backend that does not tell serves all the same."""
from world import configured


@configured(pool=3)
def test_backend_that_does_not_tell(world):
    """Its user may not read the system relations, or it is another kind of database."""
    for relation in ('pg_attribute', 'pg_type'):
        world.warehouse.sql('REVOKE SELECT ON pg_catalog.%s FROM PUBLIC' % relation, database='data')
        try:
            for first in ('BEGIN', 'BEGIN; SELECT count(*) FROM channels', 'BEGIN ISOLATION LEVEL SERIALIZABLE', 'SELECT 1'):
                world.headgate.stop()
                world.start()
                with world.connect() as w:
                    assert not w.simple(first).error
                    r = w.simple('SELECT id, body FROM messages ORDER BY id LIMIT 1')
                    assert r.rows == [('1', 'acme message 1')] and (r.columns[0].table_oid == 0 or relation == 'pg_type'), (first, r)
                    assert w.extended('SELECT body FROM messages WHERE id = $1', ['2']).rows == [('acme message 2',)]
                    assert w.simple('SELECT count(*) FROM messages WHERE mood = \'good\'').rows == [('1000',)]
                    assert not w.simple('ROLLBACK').error
                    r = w.simple('SELECT id FROM channels ORDER BY id')
                    assert r.rows == [('1',), ('2',)] and r.columns[0].table_oid != 0, r
            assert 'does not tell the numbers' in world.headgate.output()
        finally:
            world.warehouse.sql('GRANT SELECT ON pg_catalog.%s TO PUBLIC' % relation, database='data')
    world.headgate.stop()
    world.start()
    with world.connect() as w:
        assert w.simple('SELECT id FROM messages LIMIT 1').columns[0].table_oid != 0
