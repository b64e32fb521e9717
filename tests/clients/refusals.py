"""What Headgate refuses by design, each with its SQLSTATE: the table, and the program that checks it.

A refusal must leave the session usable, must name its reason, and must not reach a server.
"""
import psycopg2

import world as twin

REFUSALS = [
    # COPY, other than to and from the client
    ('COPY campaigns FROM STDIN', '42501'),
    ("COPY campaigns TO '/tmp/x'", '42501'),
    ("COPY campaigns TO PROGRAM 'cat'", '42501'),
    ("COPY campaigns TO STDOUT (ENCODING 'latin1')", '0A000'),
    # what writes
    ("INSERT INTO campaigns (id, name, channel_id) VALUES (1, 'x', 1)", '42501'),
    ("UPDATE campaigns SET name = 'x'", '42501'),
    ('DELETE FROM campaigns', '42501'),
    ('TRUNCATE campaigns', '42501'),
    ('MERGE INTO campaigns c USING contacts t ON false WHEN NOT MATCHED THEN DO NOTHING', '42501'),
    ('WITH d AS (DELETE FROM campaigns RETURNING *) SELECT * FROM d', '42501'),
    ('SELECT * INTO x FROM campaigns', '42501'),
    ('CREATE TABLE x AS SELECT 1', '42501'),
    ('CREATE TEMP TABLE x (a int)', '42501'),
    ('CREATE VIEW x AS SELECT 1', '42501'),
    ('ALTER TABLE campaigns ADD COLUMN x int', '42501'),
    ('DROP TABLE campaigns', '42501'),
    # what is drawn for all tenants together
    ('SELECT last_value FROM shop.items_id_seq', '42501'),
    ("SELECT nextval('shop.items_id_seq')", '42501'),
    ('CREATE INDEX ON campaigns (name)', '42501'),
    ('REFRESH MATERIALIZED VIEW x', '0A000'),
    ('VACUUM', '0A000'),
    ('ANALYZE campaigns', '0A000'),
    ('GRANT SELECT ON campaigns TO public', '0A000'),
    ('COMMENT ON TABLE campaigns IS NULL', '42501'),
    # locks and messages between sessions
    ('LOCK TABLE campaigns', '42501'),
    ('SELECT * FROM campaigns FOR UPDATE', '42501'),
    ('LISTEN x', '0A000'),
    ('NOTIFY x', '0A000'),
    ('SELECT pg_advisory_lock(1)', '42501'),
    ("SELECT pg_notify('a', 'b')", '42501'),
    # code, and roads out of the database
    ("DO 'BEGIN END'", '0A000'),
    ('CALL x()', '0A000'),
    ("LOAD 'x'", '0A000'),
    ('CREATE EXTENSION x', '42501'),
    ('CREATE ROLE x', '42501'),
    ("ALTER SYSTEM SET work_mem = '1GB'", '0A000'),
    ('CHECKPOINT', '0A000'),
    ("PREPARE TRANSACTION 'x'", '0A000'),
    ('SET ROLE postgres', '42501'),
    ('SET SESSION AUTHORIZATION postgres', '42501'),
    ("SELECT pg_read_file('/etc/passwd')", '42501'),
    ("SELECT pg_ls_dir('.')", '42501'),
    ("SELECT lo_import('/etc/passwd')", '42501'),
    ('SELECT pg_sleep(1)', '42501'),
    ("SELECT query_to_xml('SELECT 1', true, true, '')", '42501'),
    ('SELECT * FROM pg_timezone_names()', '42501'),
    # what would tell of other tenants' rows
    ('EXPLAIN ANALYZE SELECT * FROM campaigns', '0A000'),
    ('SELECT * FROM pg_authid', '42501'),
    ('SELECT xmin FROM campaigns', '0A000'),
]


def check(port):
    connection = psycopg2.connect(host='127.0.0.1', port=port, user='acme_bi', password=twin.PASSWORD, dbname=twin.DATABASE)
    connection.autocommit = True
    cursor = connection.cursor()
    passed = failed = 0
    for sql, sqlstate in REFUSALS:
        try:
            cursor.execute(sql)
            said, text = 'done', ''
        except psycopg2.Error as error:
            said, text = error.pgcode, str(error).strip()
        cursor.execute('SELECT count(*) FROM campaigns')
        usable = cursor.fetchone() == (twin.TENANTS['acme']['ncamp'],)
        if said == sqlstate and usable and text:
            passed += 1
        else:
            failed += 1
            print('FAIL refusal of %s: wanted %s, got %s %s' % (sql, sqlstate, said, text))
    connection.close()
    return passed, failed
