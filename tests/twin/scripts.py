"""Runs the scripts of writes.py on both sides: BEGIN, the steps, what the tables hold then, ROLLBACK.

A Watch looks at the shared servers while they run: a trigger on each tenant table raises an error of its own when a row of another
tenant is written, and rows of others that were so much as locked are found at the end by their xmax.
"""
from compare import answer, difference
from world import PASSWORD, TENANT_OF
import wire  # (tests/support; world.py knows the way there)

WATCH = """
CREATE SCHEMA watch;
CREATE TABLE watch.now (tenant text);
INSERT INTO watch.now VALUES (NULL);
GRANT USAGE ON SCHEMA watch TO PUBLIC;
CREATE FUNCTION watch.row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE own text := (SELECT tenant FROM watch.now);
BEGIN
    IF TG_OP <> 'INSERT' AND to_jsonb(OLD) ->> TG_ARGV[0] IS DISTINCT FROM own OR TG_OP <> 'DELETE' AND to_jsonb(NEW) ->> TG_ARGV[0] IS DISTINCT FROM own THEN
        RAISE EXCEPTION 'a row of another tenant is written' USING ERRCODE = 'HG001';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT c.oid::regclass AS name, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = relnamespace
               WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN ('public', 'crm', 'shop', 'store')
                     AND attname = CASE WHEN relname = 'stock_levels' THEN 'owner' ELSE 'tenant_id' END LOOP
        EXECUTE format('CREATE TRIGGER zz_watch AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION watch.row(%L)', one.name, one.attname);
    END LOOP;
END $$;
"""
# Queries of what tells of rows that were updated, deleted or locked, if only in a transaction that was rolled back.
TOUCHED = """
SELECT format('SELECT %L, sum(xmax::text::bigint) FROM %s WHERE NOT (%I = ANY (ARRAY[''acme'', ''globex'']))', tgrelid::regclass, tgrelid::regclass,
              convert_from(substring(tgargs FROM 1 FOR position('\\x00'::bytea IN tgargs) - 1), 'UTF8'))
FROM pg_trigger WHERE tgname = 'zz_watch'
"""
OWN_LITERALS = ('prepare', 'cursor', 'copy', 'copy in', 'fetch')  # statements whose parameters are not the protocol's
BOTH_BROKEN = ('21', '22', '23')  # several rows may break several rules: which is told depends on the plan


class Watch:
    def __init__(self, clusters):
        self.clusters, self.tenant = clusters, None
        for cluster in clusters:
            cluster.sql(WATCH, database='data')
        self.wires = [wire.connect('127.0.0.1', c.port, 'postgres', c.password, 'data') for c in clusters]
        self.before = self.marks()

    def set(self, user):
        if TENANT_OF[user] != self.tenant:
            self.tenant = TENANT_OF[user]
            for one in self.wires:
                one.simple("UPDATE watch.now SET tenant = '%s'" % self.tenant)

    def marks(self):
        """Of rows of tenants that nobody is here: what transactions left on them."""
        return [one.simple(query).rows[0] for one in self.wires for (query,) in one.simple(TOUCHED).rows]

    def found(self):
        """What is wrong at the end, as lines."""
        return ['rows of others in %s were written or locked' % b[0] for a, b in zip(self.before, self.marks()) if a != b]


def run_step(side, step, text, values, oids, mode):
    if step.copies is not None:
        return side.run_together([text], 'simple', data=[step.copies.encode('utf8')])
    return side.run(text, mode, values, oids)


def play(side, made, mode):
    """The Results of the steps, up to the first error; and what the tables held when there was none."""
    results, held = [], []
    side.run('BEGIN', 'simple')
    try:
        for step in made.steps():
            text, values, oids = step.text(mode != 'simple' and step.kind not in OWN_LITERALS)
            results.append(run_step(side, step, text, values, oids, mode))
            if results[-1].error:
                return results, held
        held = [answer(side, side.run('SELECT * FROM ' + name, 'simple'), False) for name in made.touched]
    finally:
        side.run('ROLLBACK', 'simple')
        side.run('DEALLOCATE ALL', 'simple')
    return results, held


def run_script(made, mine, theirs, mode, judge, outcome):
    """One side after the other, so that both may be on one database. judge(mine, theirs, result, their result, step) gives an
    Outcome; outcome() makes one."""
    (results, held), (their_results, they_held) = (play(side, made, mode) for side in (mine, theirs))
    result = outcome('equal')
    for step, p, q in zip(made.steps(), results, their_results):
        step.mistaken = made.mistaken or bool(p.error and q.error and p.sqlstate[:2] in BOTH_BROKEN and q.sqlstate[:2] in BOTH_BROKEN)
        result = judge(mine, theirs, p, q, step)
        if result.kind != 'equal':
            return result
    for name, a, b in zip(made.touched, held, they_held):
        if a != b and a != [('error', '0A000')]:  # it may be where the transaction cannot go, if nothing was written to it
            return outcome('contents differ', '%s: %s' % (name, difference(a, b)))
    return result
