#!/usr/bin/python3
"""`headgate catalog` on a real PostgreSQL: creates, changes in place, leaves alone what equals, refuses what is not its own.

    tests/catalog/run.py --headgate build/dev/headgate

The last line is `N passed, M failed`.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
import checks  # noqa: E402
from checks import check  # noqa: E402
from cluster import BIN, Cluster, ClusterError  # noqa: E402

headgate = None

VERIFIER = ("SCRAM-SHA-256$4096:autDWzH5N3EH79iBGWDj2g==$Fk1mL86LFyt2wBaYJ1RKoHEUol+kLqQNgGkVxWAH5Og=:"
            "H/wiKZsZZ4Ujl5IxKdgMq52WLrCD0Z5XVQHy4Or6/JU=")

SCHEMA = """
CREATE SCHEMA materialized;
CREATE TYPE public.status AS ENUM ('queued', 'sent');
CREATE DOMAIN public.email AS character varying(320) NOT NULL;
CREATE TABLE public.channels (
    id smallint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
CREATE TABLE public.campaigns (
    id bigint NOT NULL,
    name text NOT NULL,
    channel_id smallint NOT NULL,
    budget numeric(12,2) DEFAULT 0 NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    status public.status DEFAULT 'queued'::public.status,
    tenant_id text,
    CONSTRAINT campaigns_pkey PRIMARY KEY (id),
    CONSTRAINT campaigns_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channels (id)
);
CREATE TABLE public."Odd ""Name" (
    "a b" int PRIMARY KEY,
    mail public.email,
    at timestamp(3) with time zone DEFAULT now()
);
CREATE TABLE materialized.daily (
    day date NOT NULL,
    campaign_id bigint NOT NULL,
    CONSTRAINT daily_pkey PRIMARY KEY (day, campaign_id)
);
CREATE INDEX campaigns_name_idx ON public.campaigns USING btree (name, budget DESC);
COMMENT ON TABLE public.campaigns IS 'One mailing';
COMMENT ON COLUMN public.campaigns.name IS 'It''s name';
COMMENT ON TYPE public.status IS 'How far it is';
"""

TABLES = ["public.channels", "public.campaigns", 'public."Odd ""Name"']


class Case:
    """A directory with a configuration, and the commands to run on it."""

    def __init__(self, cluster, database):
        self.cluster, self.database = cluster, database
        self.directory = tempfile.TemporaryDirectory()

    def configure(self, schema, tables=None, materialized=("daily",), backend_database=None, user="keeper"):
        tables = TABLES if tables is None else tables
        self.write("schema.sql", schema)
        lines = [f"database: {self.database}", "schema: schema.sql", "tenant_column: tenant_id", "tables:"]
        lines += ["  '" + name.replace("'", "''") + "': {backends: [aurora]}" for name in tables]
        if materialized:
            lines += ["materialized:", "  prefix: _m_", "  tables:"]
            lines += [f"    {name}: {{backends: [aurora]}}" for name in materialized]
        lines += ["roles:", "  r: {read: ['*'], write: []}", "tenants:", "  t: {value: t}", "users:",
                  f"  u: {{tenant: t, role: r, password: \"{VERIFIER}\"}}"]
        self.write("policy.yaml", "\n".join(lines) + "\n")
        at = f"dialect: postgresql, host: 127.0.0.1, port: {self.cluster.port}"
        self.write("headgate.yaml",
                   f"listen: 127.0.0.1:6432\npolicy: policy.yaml\nbackends:\n"
                   f"  aurora: {{{at}, database: metrics, user: nobody}}\n"
                   f"  catalog: {{{at}, database: {backend_database or self.database}, user: {user}, password: secret}}\n")

    def write(self, name, text):
        with open(os.path.join(self.directory.name, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self):
        done = subprocess.run([headgate, "catalog", "-c", os.path.join(self.directory.name, "headgate.yaml")],
                              capture_output=True, text=True)
        check("Sanitizer" not in done.stderr, done.stderr[-3000:])
        return done.returncode, done.stdout, done.stderr

    def good(self, schema, **options):
        """Configures and runs; the report's lines."""
        self.configure(schema, **options)
        status, out, err = self.run()
        check(status == 0, (status, out, err))
        return out.splitlines()

    def bad(self, schema, **options):
        self.configure(schema, **options)
        status, out, err = self.run()
        check(status == 1 and out == "", (status, out, err))
        return err

    def sql(self, text):
        return self.cluster.sql(text, database=self.database)

    def oids(self):
        return dict(line.rsplit("|", 1) for line in self.sql(
            "SELECT c.relkind::text || ' ' || c.relname, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' "
            "UNION ALL SELECT 'type ' || typname, t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND typtype IN ('e', 'd') "
            "UNION ALL SELECT 'constraint ' || conname, c.oid FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace "
            "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'").splitlines())

    def dump(self):
        """The database as pg_dump shows it, without what differs between servers."""
        out = subprocess.run([os.path.join(BIN, "pg_dump"), "--schema-only", "--no-owner",
                              self.cluster.dsn(self.database)], capture_output=True, text=True, check=True).stdout
        return [line for line in out.splitlines() if line and not line.startswith(("--", "SET ", "SELECT pg_catalog", "\\"))]


def same_as_fresh(case, schema, **options):
    """What was reached in steps is what a new database gets at once."""
    fresh = Case(case.cluster, case.database + "_fresh")
    fresh.good(schema, **options)
    check(case.dump() == fresh.dump(), "\n".join(["differs:"] + case.dump() + ["wanted:"] + fresh.dump()))
    case.cluster.sql(f"DROP DATABASE {fresh.database}")


def test_create(case):
    out = case.good(SCHEMA)
    check(out[0] == f"created database {case.database}", out)
    check("created schema materialized" in out, out)
    check("created type public.status" in out and "created type public.email" in out, out)
    check("created table public.campaigns" in out and 'created table public."Odd ""Name"' in out, out)
    check(out[-1] == "unchanged: 0 tables", out)
    check(len(out) == 9, out)
    shown = subprocess.run([os.path.join(BIN, "psql"), "-X", "-A", "-c", "\\d public.campaigns",
                            case.cluster.dsn(case.database)], capture_output=True, text=True, check=True).stdout
    for words in ("budget|numeric(12,2)||not null|0", "tags|text[]||not null|'{}'::text[]",
                  '"campaigns_pkey" PRIMARY KEY, btree (id)', '"campaigns_name_idx" btree (name, budget DESC)',
                  '"campaigns_channel_id_fkey" FOREIGN KEY (channel_id) REFERENCES channels(id)',
                  "status|status|||'queued'::status", "tenant_id|text"):
        check(words in shown, (words, shown))
    check(case.sql("SELECT obj_description('public.campaigns'::regclass), col_description('public.campaigns'::regclass, 2), "
                   "obj_description('public.status'::regtype)") == "One mailing|It's name|How far it is", "comments")
    check("_headgate" not in case.sql("SELECT nspname FROM pg_namespace"), "the workbench is gone")


def test_unchanged(case):
    before, dump = case.oids(), case.dump()
    out = case.good(SCHEMA)
    check(out == ["unchanged: 4 tables"], out)
    check(case.oids() == before, "OIDs are stable")
    check(case.dump() == dump, "and all else too")


def changed(case, schema, expected, kept, **options):
    """A change reports `expected`, keeps the OIDs of all whose name holds none of `kept`'s words, and is then complete."""
    before = case.oids()
    out = case.good(schema, **options)
    for line in expected:
        check(line in out, (line, out))
    check(len(out) == len(expected) + 1, out)
    after = case.oids()
    for name, oid in before.items():
        if not any(word in name for word in kept):
            check(after.get(name) == oid, (name, oid, after.get(name)))
    again = case.good(schema, **options)
    check(len(again) == 1 and again[0].startswith("unchanged: "), again)
    same_as_fresh(case, schema, **options)


def test_columns(case):
    schema = SCHEMA.replace("    tenant_id text,\n", "    tenant_id text,\n    note character varying(20) DEFAULT 'x' NOT NULL,\n")
    changed(case, schema, ["table public.campaigns: added column note",
                           "table public.campaigns: default of note is now 'x'::character varying",
                           "table public.campaigns: column note is now NOT NULL"], ["pg_toast"])
    schema = schema.replace("numeric(12,2) DEFAULT 0 NOT NULL", "numeric(14,4)")
    changed(case, schema, ["table public.campaigns: column budget is now of type numeric(14,4)",
                           "table public.campaigns: column budget is now nullable"],
            ["campaigns_name_idx"])
    schema = schema.replace("    note character varying(20) DEFAULT 'x' NOT NULL,\n", "")
    changed(case, schema, ["table public.campaigns: dropped column note"], [])
    schema = schema.replace("    name text NOT NULL,\n    channel_id", "    channel_id").replace(
        "CREATE INDEX campaigns_name_idx ON public.campaigns USING btree (name, budget DESC);", "").replace(
        "COMMENT ON COLUMN public.campaigns.name IS 'It''s name';", "")
    changed(case, schema, ["table public.campaigns: dropped index campaigns_name_idx",
                           "table public.campaigns: dropped column name"], ["campaigns_name_idx"])
    changed(case, SCHEMA, ["made table public.campaigns anew: its columns stand in another order"], ["campaigns", "pg_toast"])


def test_keys(case):
    schema = SCHEMA.replace("(name, budget DESC)", "(name)")
    changed(case, schema, ["table public.campaigns: dropped index campaigns_name_idx",
                           "table public.campaigns: created index campaigns_name_idx"], ["campaigns_name_idx"])
    schema = schema.replace("PRIMARY KEY (id),\n    CONSTRAINT campaigns_channel", "PRIMARY KEY (id, name),\n    CONSTRAINT campaigns_channel")
    changed(case, schema, ["table public.campaigns: dropped constraint campaigns_pkey",
                           "table public.campaigns: created constraint campaigns_pkey"], ["campaigns_pkey"])
    schema = schema.replace("REFERENCES public.channels (id)", "REFERENCES public.channels (id) ON DELETE CASCADE")
    changed(case, schema, ["table public.campaigns: dropped foreign key campaigns_channel_id_fkey",
                           "table public.campaigns: created foreign key campaigns_channel_id_fkey"], ["fkey"])
    # The key that a foreign key needs changes its type, on both sides.
    schema = schema.replace("    id smallint PRIMARY KEY", "    id uuid PRIMARY KEY").replace(
        "    channel_id smallint", "    channel_id uuid")
    changed(case, schema, ["table public.campaigns: dropped foreign key campaigns_channel_id_fkey",
                           "table public.campaigns: column channel_id is now of type uuid",
                           "table public.channels: column id is now of type uuid",
                           "table public.campaigns: created foreign key campaigns_channel_id_fkey"], ["fkey", "channels_pkey"])
    case.good(SCHEMA)
    same_as_fresh(case, SCHEMA)


def test_types(case):
    schema = SCHEMA.replace("('queued', 'sent')", "('queued', 'sent', 'failed')")
    changed(case, schema, ["replaced type public.status", "table public.campaigns: column status is now of type public.status",
                           "table public.campaigns: default of status is now 'queued'::public.status"], ["type status"])
    schema = schema.replace("AS character varying(320) NOT NULL", "AS text")
    changed(case, schema, ["replaced type public.email",
                           'table public."Odd ""Name": column mail is now of type public.email'], ["type email"])
    schema = schema.replace("CREATE DOMAIN public.email AS text;", "").replace("mail public.email", "mail text")
    changed(case, schema, ['table public."Odd ""Name": column mail is now of type text', "dropped type public.email"],
            ["type email"])
    case.good(SCHEMA)
    same_as_fresh(case, SCHEMA)


SHOWN = SCHEMA + """
CREATE DOMAIN public.code AS text CHECK (VALUE ~ '^[A-Z]+$') CONSTRAINT short CHECK (length(VALUE) < 9);
CREATE TABLE public.orders (
    id serial PRIMARY KEY,
    no integer GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10 MAXVALUE 1000 CYCLE),
    "Big No" bigint GENERATED BY DEFAULT AS IDENTITY,
    code public.code,
    status public.status CHECK (status <> 'sent' OR code IS NOT NULL),
    qty integer DEFAULT 1 + 1 CHECK (qty > 0) CHECK (qty NOT IN (7, 8)),
    price numeric(10,2) CHECK (price BETWEEN 0 AND 100 AND orders.price <> 13),
    total numeric GENERATED ALWAYS AS (qty * COALESCE(price, 0)) STORED,
    label text GENERATED ALWAYS AS (CASE WHEN qty > 1 THEN upper(trim(both from code)) ELSE 'one' || code END) STORED,
    placed timestamp with time zone DEFAULT now() - '1 day'::interval,
    day date DEFAULT (now() AT TIME ZONE 'UTC')::date,
    CONSTRAINT sound CHECK (placed IS NULL OR extract(year FROM placed) >= 2000) NOT VALID,
    CHECK (code LIKE 'A%' OR (price, qty) = (1, 1)),
    CHECK (code ILIKE 'a%' IS NOT FALSE AND greatest(qty, 1) = ANY (ARRAY[1, 2]) AND NOT code SIMILAR TO 'b|c')
);
CREATE SEQUENCE public."Dumped Seq" AS smallint START WITH 5 INCREMENT BY -1 MINVALUE -100 MAXVALUE 10 CACHE 3;
CREATE TABLE public.dumped (id smallint, other integer DEFAULT nextval('public.free'));
ALTER SEQUENCE public."Dumped Seq" OWNED BY public.dumped.id;
ALTER TABLE ONLY public.dumped ALTER COLUMN id SET DEFAULT nextval('public."Dumped Seq"'::regclass);
CREATE SEQUENCE public.free;
CREATE TABLE public.dumped_by (id serial);
CREATE TABLE public.dumped_by_id_seq1 (id int);
CREATE TABLE public.dumped_by_more (x int);
ALTER TABLE public.dumped ADD by_id int GENERATED BY DEFAULT AS IDENTITY;
"""


def test_shown(case):
    """Checks, generated columns, and sequences of columns."""
    tables = TABLES + ["public.orders", "public.dumped", "public.dumped_by"]
    expected = ["created type public.code", "created table public.orders", "created table public.dumped", "created table public.dumped_by"]
    changed(case, SHOWN, expected, [], tables=tables)
    words = "\n".join(case.dump())
    for seen in ("CREATE SEQUENCE public.orders_id_seq\n    AS integer", "ALTER SEQUENCE public.orders_id_seq OWNED BY public.orders.id",
                 "SET DEFAULT nextval('public.orders_id_seq'::regclass)", "ALTER COLUMN no ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME "
                 "public.orders_no_seq\n    START WITH 100\n    INCREMENT BY 10\n    NO MINVALUE\n    MAXVALUE 1000\n    CACHE 1\n    CYCLE\n",
                 'ALTER COLUMN "Big No" ADD GENERATED BY DEFAULT AS IDENTITY (\n    SEQUENCE NAME public."orders_Big No_seq"',
                 'CREATE SEQUENCE public."Dumped Seq"\n    AS smallint\n    START WITH 5\n    INCREMENT BY -1\n    MINVALUE -100\n    MAXVALUE 10\n    CACHE 3',
                 "ALTER SEQUENCE public.dumped_by_id_seq OWNED BY public.dumped_by.id", "SEQUENCE NAME public.dumped_by_id_seq2",
                 'ALTER SEQUENCE public."Dumped Seq" OWNED BY public.dumped.id', "CONSTRAINT code_check CHECK ((VALUE ~ '^[A-Z]+$'::text))",
                 "CONSTRAINT short CHECK ((length(VALUE) < 9))", "total numeric GENERATED ALWAYS AS (((qty)::numeric * COALESCE(price, (0)::numeric))) STORED",
                 "GENERATED ALWAYS AS (\nCASE\n    WHEN (qty > 1) THEN upper(TRIM(BOTH FROM code))\n    ELSE ('one'::text || (code)::text)\nEND) STORED",
                 "placed timestamp with time zone DEFAULT (now() - '1 day'::interval)", "DEFAULT ((now() AT TIME ZONE 'UTC'::text))::date",
                 "orders_check CHECK (((status <> 'sent'::public.status) OR (code IS NOT NULL)))", "orders_qty_check CHECK ((qty > 0))",
                 "orders_qty_check1 CHECK ((qty <> ALL (ARRAY[7, 8])))",
                 "orders_price_check CHECK ((((price >= (0)::numeric) AND (price <= (100)::numeric)) AND (price <> (13)::numeric)))",
                 "ADD CONSTRAINT sound CHECK (((placed IS NULL) OR (EXTRACT(year FROM placed) >= (2000)::numeric))) NOT VALID",
                 "orders_check1 CHECK (((((code)::text ~~* 'a%'::text) IS NOT FALSE) AND (GREATEST(qty, 1) = ANY (ARRAY[1, 2])) AND (NOT "):
        check(seen in words, (seen, words))
    check("free" not in words and "~~ 'A%'" not in words, words)
    schema = SHOWN.replace("'^[A-Z]+$'", "'^[A-Z]*$'").replace("CONSTRAINT short CHECK (length(VALUE) < 9)", "")
    changed(case, schema, ["type public.code: dropped check code_check", "type public.code: created check code_check",
                           "type public.code: dropped check short"], ["constraint code_check", "constraint short"], tables=tables)
    schema = schema.replace("qty > 0", "qty > 1")
    changed(case, schema, ["table public.orders: dropped constraint orders_qty_check",
                           "table public.orders: created constraint orders_qty_check"], ["orders_qty_check"], tables=tables)
    schema = schema.replace("id serial PRIMARY", "id bigserial PRIMARY").replace("INCREMENT BY 10", "INCREMENT BY 7").replace(
        "AS smallint START WITH 5 INCREMENT BY -1", "AS smallint START WITH 6 INCREMENT BY -1")
    changed(case, schema.replace("    total numeric GENERATED ALWAYS AS (qty * COALESCE(price, 0)) STORED,\n", "").replace("    label text GEN", "    --"),
            ["made table public.orders anew: what a column is generated from has changed",
             'table public.dumped: dropped sequence "Dumped Seq" of column id',
             'table public.dumped: column id is now numbered by sequence "Dumped Seq"'], ["orders", "pg_toast", "Dumped", "sound"], tables=tables)
    schema = schema.replace("    total numeric GENERATED ALWAYS AS (qty * COALESCE(price, 0)) STORED,\n", "").replace("    label text GEN", "    --")
    plain = schema.replace("id bigserial PRIMARY", "id integer DEFAULT 5 PRIMARY").replace(
        "no integer GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 7 MAXVALUE 1000 CYCLE)", "no bigint NOT NULL").replace(
        'bigint GENERATED BY DEFAULT AS IDENTITY', 'serial')
    changed(case, plain, ["table public.orders: dropped sequence orders_id_seq of column id", "table public.orders: dropped sequence orders_no_seq of column no",
                          'table public.orders: dropped sequence "orders_Big No_seq" of column "Big No"',
                          "table public.orders: column id is now of type integer", "table public.orders: column no is now of type bigint",
                          'table public.orders: column "Big No" is now of type integer', "table public.orders: default of id is now 5",
                          'table public.orders: column "Big No" is now numbered by sequence "orders_Big No_seq"'], ["orders_"], tables=tables)
    changed(case, plain.replace("qty integer DEFAULT 1 + 1", "qty bigint"),
            ["table public.orders: dropped constraint " + name for name in ("orders_check1", "orders_qty_check", "orders_qty_check1")] +
            ["table public.orders: column qty is now of type bigint"] +
            ["table public.orders: created constraint " + name for name in ("orders_check1", "orders_qty_check", "orders_qty_check1")], ["orders_"], tables=tables)
    case.good(schema, tables=tables)
    same_as_fresh(case, schema, tables=tables)
    case.good(SCHEMA)
    same_as_fresh(case, SCHEMA)


def test_tables(case):
    changed(case, SCHEMA, ["dropped table public.campaigns", "dropped table materialized.daily", "dropped schema materialized"],
            ["campaigns", "daily", "pg_toast"], tables=["public.channels", 'public."Odd ""Name"'], materialized=())
    out = case.good(SCHEMA)
    check("created table public.campaigns" in out and "created schema materialized" in out, out)
    same_as_fresh(case, SCHEMA)
    changed(case, SCHEMA.replace("One mailing", "One mailing or more"), ["table public.campaigns: comment"], [])
    case.good(SCHEMA)


def test_things_of_extensions_stay(case):
    case.sql("CREATE EXTENSION pg_stat_statements; CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext")
    check(case.good(SCHEMA) == ["unchanged: 4 tables"], "an extension is nobody's business")
    case.sql("DROP EXTENSION pg_stat_statements; DROP EXTENSION citext; DROP SCHEMA ext")


def test_checks_of_extensions(case):
    """A check whose operator the server has not: the catalog does without it, and says so each time."""
    schema = SCHEMA.replace("    tenant_id text,\n", "    tenant_id text,\n    CHECK (name !~~~ 'x'),\n    CONSTRAINT budgeted CHECK (budget >= 0),\n")
    for again in (False, True):
        case.configure(schema)
        status, out, err = case.run()
        check(status == 0, (out, err))
        check(("table public.campaigns: created constraint budgeted" in out) != again, out)
        warnings = [line for line in err.splitlines() if "does without the check" in line]
        check(len(warnings) == 1 and re.search(r"schema\.sql:17:\d+: warning: .*public\.campaigns.*operator does not exist: text !~~~ unknown", warnings[0]), err)
        check(case.sql("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'public.campaigns'::regclass") == "budgeted", "checks")
    case.good(SCHEMA)


def test_refusals(case):
    dump = case.dump()
    case.sql("INSERT INTO public.channels VALUES (1, 'mail')")
    err = case.bad(SCHEMA.replace("name text NOT NULL UNIQUE", "title text"))
    check("public.channels holds rows" in err and "Nothing was changed" in err, err)
    case.sql("DELETE FROM public.channels")
    for make, drop, words in (("CREATE VIEW v AS SELECT 1", "DROP VIEW v", "the view public.v"),
                              ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f", "the function public.f"),
                              ("CREATE SEQUENCE s", "DROP SEQUENCE s", "the sequence public.s"),
                              ("CREATE TABLE other (a int); INSERT INTO other VALUES (1)", "DROP TABLE other", "public.other holds rows"),
                              ("CREATE SCHEMA shop; CREATE TABLE shop.o AS SELECT 1 AS a", "DROP SCHEMA shop CASCADE", "shop.o holds rows")):
        case.sql(make)
        err = case.bad(SCHEMA.replace("name text NOT NULL UNIQUE", "title text"))
        check(words in err or "permission denied" in err, (words, err))
        case.sql(drop)
    check(case.dump() == dump, "nothing was changed")
    err = case.bad(SCHEMA, backend_database="postgres")
    check("they must be the same" in err or "error" in err, err)


def test_foreign_database(case):
    """A data database: with tables that the policy does not name, though empty."""
    other = Case(case.cluster, "shop")
    case.cluster.sql("CREATE DATABASE shop OWNER keeper")
    other.sql("SET ROLE keeper; CREATE TABLE public.orders (id int)")
    err = other.bad(SCHEMA)
    check("none of which the policy names" in err, err)
    check(other.sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "orders", "left alone")
    case.cluster.sql("DROP DATABASE shop")


def test_failures(case):
    err = case.bad(SCHEMA, user="stranger")
    check("28P01" in err and "secret" not in err, err)
    missing = Case(case.cluster, "missing")
    err = missing.bad(SCHEMA, user="poor")
    check("42501: permission denied to create database" in err, err)
    case.cluster.sql("CREATE DATABASE missing")
    err = missing.bad(SCHEMA, user="poor")
    check("42501" in err, err)
    case.cluster.sql("DROP DATABASE missing; CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0 OWNER keeper")
    err = Case(case.cluster, "latin").bad(SCHEMA)
    check("LATIN1, not UTF8" in err, err)
    case.cluster.sql("DROP DATABASE latin")
    done = subprocess.run([headgate, "catalog"], capture_output=True, text=True)
    check(done.returncode == 2 and "usage: headgate catalog -c FILE" in done.stderr, done)
    done = subprocess.run([headgate, "catalog", "-c", "/nonexistent.yaml"], capture_output=True, text=True)
    check(done.returncode == 1 and "nonexistent.yaml" in done.stderr, done)


def test_sample_configuration(cluster):
    """conf/schema.sql with conf/policy.yaml as they are."""
    case = Case(cluster, "analytics")
    case.configure("")
    for name in ("policy.yaml", "schema.sql"):
        with open(os.path.join(ROOT, "conf", name), encoding="utf-8") as file:
            text = file.read()
        case.write(name, text)
    with open(os.path.join(case.directory.name, "headgate.yaml"), encoding="utf-8") as file:
        text = file.read()
    case.write("headgate.yaml", text + text[text.index("  aurora"):text.index("  catalog")].replace("aurora", "redshift"))
    status, out, err = case.run()
    check(status == 0 and "created table public.messages" in out, (status, out, err))
    status, out, err = case.run()
    check(status == 0 and out == "database analytics:\nunchanged: 5 tables\ndatabase analytics_analyst:\nunchanged: 5 tables\n"
          "database analytics_dashboard:\nunchanged: 3 tables\n", (status, out, err))


ROLES_SCHEMA = """
CREATE SCHEMA back;
CREATE TYPE public.mood AS ENUM ('good', 'bad');
CREATE TYPE public.secret AS ENUM ('x');
CREATE TYPE public.spare AS ENUM ('y');
CREATE TYPE back.state AS ENUM ('z');
CREATE DOMAIN back.amount AS numeric;
CREATE DOMAIN public.grim AS public.secret;
CREATE TABLE public.people (
    id int PRIMARY KEY,
    mail text UNIQUE,
    count bigint GENERATED ALWAYS AS IDENTITY,
    code public.secret,
    feels public.mood,
    owes back.amount,
    CONSTRAINT people_mail_id UNIQUE (id) INCLUDE (mail)
);
CREATE TABLE public.notes (
    id int,
    person int REFERENCES public.people (id),
    mail text REFERENCES public.people (mail),
    item serial,
    letters int GENERATED ALWAYS AS (length(mail)) STORED,
    double int GENERATED ALWAYS AS (id * 2) STORED,
    CONSTRAINT notes_check CHECK (person > item),
    CONSTRAINT notes_mailed CHECK (id > 0 OR mail <> ''),
    CONSTRAINT notes_pkey PRIMARY KEY (id, mail)
);
CREATE TABLE back.items (id int PRIMARY KEY, note text, state back.state);
ALTER TABLE public.notes ADD CONSTRAINT notes_item_fkey FOREIGN KEY (item) REFERENCES back.items (id);
CREATE INDEX people_feels ON public.people (feels);
CREATE INDEX people_feels_mail ON public.people (feels) INCLUDE (mail);
COMMENT ON TABLE back.items IS 'Not for all';
COMMENT ON COLUMN public.people.mail IS 'Hidden';
COMMENT ON COLUMN public.people.feels IS 'Seen';
"""

ROLES = """  r: {read: ['*'], write: []}
  clerk:
    read: [public.*]
    columns:
      public.people.mail: {hide: true}
      public.people.count: {hide: true}
      public.people.code: {hide: true}
      public.notes.mail: {hide: true}
  porter: {read: [back.*], catalog: "Porter's"}
"""


def test_roles(cluster):
    """Roles that do not see everything have databases in which nothing else is."""
    case = Case(cluster, "roles")
    tables = ["public.people", "public.notes", "back.items"]
    case.configure(ROLES_SCHEMA, tables=tables, materialized=())
    with open(os.path.join(case.directory.name, "policy.yaml"), encoding="utf-8") as file:
        plain = file.read()

    def roles(text):
        case.write("policy.yaml", plain.replace("  r: {read: ['*'], write: []}\n", text))
        return case.run()
    status, out, err = roles(ROLES)
    check(status == 0, (status, out, err))
    for name in ("roles", "roles_clerk", "Porter's"):
        check(f"database {name}:\ncreated database {name}\n" in out, (name, out))
    clerk = Case(cluster, "roles_clerk")
    words = "\n".join(clerk.dump())
    for hidden in ("mail", "secret", "grim", "items", "state", "Not for all", "Hidden", "notes_pkey", "notes_item_fkey", "notes_mailed", "count", "length"):
        check(hidden not in words, (hidden, words))
    for seen in ("people_pkey", "people_feels", "REFERENCES public.people(id)", "'good'", "spare", "back.amount", "'Seen'", "item integer", "notes_check CHECK ((person > item))", "notes_item_seq",
                 "letters integer", "double integer GENERATED ALWAYS AS ((id * 2)) STORED"):
        check(seen in words, (seen, words))
    words = "\n".join(Case(cluster, "Porter's").dump())
    check("back.items" in words and "Not for all" in words and "back.state" in words and "people" not in words and "mood" not in words, words)
    status, out, err = case.run()
    check(status == 0 and out == "database roles:\nunchanged: 3 tables\ndatabase roles_clerk:\nunchanged: 2 tables\n"
          "database Porter's:\nunchanged: 1 tables\n", out)
    # What a role sees changes wholly: the database is still Headgate's own.
    status, out, err = roles(ROLES.replace("read: [back.*]", "read: [public.notes]"))
    check(status == 0 and "dropped table back.items" in out and "created table public.notes" in out, (status, out, err))
    status, out, err = roles(ROLES.replace("Porter's", "roles_clerk"))
    check(status == 1 and "is used for something else" in err, err)
    status, out, err = roles(ROLES.replace("  r: {read: ['*']", "  r: {read: ['*'], catalog: roles_r"))
    check(status == 0 and "it has no catalog database of its own" in err, err)
    check(cluster.sql("SELECT count(*) FROM pg_database WHERE datname = 'roles_r'") == "0", "there is none")
    # Who may not create databases is told what an administrator has to do.
    cluster.sql("DROP DATABASE roles_clerk; ALTER ROLE keeper NOCREATEDB")
    status, out, err = roles(ROLES)
    check(status == 1 and "database roles_clerk: while creating" in err and
          """CREATE DATABASE "roles_clerk" OWNER "keeper" TEMPLATE template0 ENCODING 'UTF8'""" in err, err)
    cluster.sql("ALTER ROLE keeper CREATEDB")
    for name in ("roles", '"Porter\'s"'):
        cluster.sql(f"DROP DATABASE {name}")


def main():
    global headgate
    parser = argparse.ArgumentParser()
    parser.add_argument("--headgate", default=os.path.join(ROOT, "build/dev/headgate"))
    options = parser.parse_args()
    headgate = os.path.abspath(options.headgate)
    with Cluster("catalog") as cluster:
        cluster.sql("CREATE ROLE keeper LOGIN CREATEDB PASSWORD 'secret'; CREATE ROLE poor LOGIN PASSWORD 'secret';"
                    "CREATE ROLE stranger LOGIN PASSWORD 'other'")
        case = Case(cluster, "messaging")
        for test in (test_create, test_unchanged, test_columns, test_keys, test_types, test_shown, test_tables,
                     test_things_of_extensions_stay, test_checks_of_extensions, test_refusals, test_foreign_database, test_failures):
            try:
                test(case)
            except ClusterError as error:
                check(False, f"{test.__name__}: {error}")
            print(test.__name__, flush=True)
        test_sample_configuration(cluster)
        test_roles(cluster)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
