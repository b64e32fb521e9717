-- The logical schema of the twin tests: what every tenant believes its database contains.
-- The tenant column is declared for some tables only: the two kinds of tenant table. Keys name it in either case, as a dump of
-- the shared database would; for a private database world.py takes it out of the keys of tables that do not declare it.
CREATE SCHEMA materialized;
CREATE SCHEMA crm;
CREATE SCHEMA shop;
CREATE SCHEMA books;

CREATE TYPE public.delivery_status AS ENUM ('queued', 'sent', 'delivered', 'bounced', 'failed');
CREATE DOMAIN public.email_address AS text;

CREATE TABLE public.channels (
    id integer PRIMARY KEY,
    name text NOT NULL,
    unit_cost numeric(8,4) NOT NULL
);

CREATE TABLE public.campaigns (
    id bigint,
    name text NOT NULL,
    status text,
    channel_id integer NOT NULL,
    parent_id bigint,
    budget numeric(12,2),
    starts_on date,
    created_at timestamp with time zone,
    tags text[],
    settings jsonb,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE public.contacts (
    tenant_id text NOT NULL,
    contact_no integer NOT NULL,
    email public.email_address,
    full_name text,
    phone text,
    country character(2),
    credit double precision,
    birthday date,
    PRIMARY KEY (tenant_id, contact_no)
);

CREATE TABLE public.messages (
    id bigint,
    campaign_id bigint,
    contact_no integer,
    channel_id integer,
    subject character varying(80),
    body text,
    status public.delivery_status,
    cost numeric(12,4),
    segments smallint,
    sent_at timestamp with time zone,
    scheduled_for timestamp without time zone,
    took interval,
    urgent boolean,
    payload bytea,
    metadata json,
    trace uuid,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE public.events (
    id bigint,
    message_id bigint,
    kind text,
    at timestamp with time zone,
    latency_ms integer,
    ip inet,
    score real
);

CREATE TABLE public.audit (
    tenant_id text NOT NULL,
    id integer,
    actor text,
    note text
);

CREATE TABLE public."Mixed Case" (
    "Draft No" integer,
    "select" text,
    "order" integer,
    "ünïcode" text
);

CREATE TABLE crm.contacts (
    contact_no integer,
    owner text
);

CREATE TABLE materialized.daily_metrics (
    day date NOT NULL,
    campaign_id bigint NOT NULL,
    sent integer NOT NULL,
    delivered integer NOT NULL,
    spend numeric(14,2) NOT NULL,
    PRIMARY KEY (tenant_id, day, campaign_id)
);

-- Tables that are written to. physical.sql has them as they are in the shared database: another order of columns, other names
-- of keys and of a table, partitions, children, triggers.
CREATE TYPE shop.tier AS ENUM ('basic', 'silver', 'gold');
CREATE DOMAIN shop.sku AS text CHECK (VALUE ~ '^[A-Z]{2}-[0-9]+$');
CREATE DOMAIN shop.amount AS numeric(10,2) CHECK (VALUE >= 0);

CREATE TABLE shop.rates (
    country character(2) PRIMARY KEY,
    percent numeric(5,2) NOT NULL
);

CREATE TABLE shop.customers (
    id bigint NOT NULL,
    name text NOT NULL,
    email text,
    tier shop.tier DEFAULT 'basic',
    credit numeric(10,2) DEFAULT 0 CONSTRAINT customers_credit_check CHECK (credit >= -100),
    tags text[],
    profile jsonb,
    born date,
    active boolean DEFAULT true NOT NULL,
    note character varying(40),
    CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT customers_email_key UNIQUE (tenant_id, email)
);

CREATE TABLE shop.orders (
    id integer NOT NULL,
    customer_id bigint,
    state text DEFAULT 'open' NOT NULL CONSTRAINT orders_state_check CHECK (state IN ('open', 'paid', 'sent', 'void')),
    total shop.amount DEFAULT 0,
    placed_at timestamp with time zone DEFAULT '2026-02-02 00:00:00+00',
    CONSTRAINT orders_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES shop.customers (tenant_id, id)
);

CREATE INDEX orders_placed_idx ON shop.orders USING btree (placed_at DESC NULLS LAST, state) INCLUDE (total);
CREATE INDEX orders_customer_idx ON shop.orders USING hash (customer_id);
COMMENT ON TABLE shop.orders IS 'What customers ordered; it''s "open" at first';
COMMENT ON COLUMN shop.orders.placed_at IS 'When';
COMMENT ON COLUMN shop.orders.total IS 'In euros, with ünïcode';
COMMENT ON TYPE shop.tier IS 'How much a customer is worth';
COMMENT ON DOMAIN shop.sku IS 'Of the warehouse';

CREATE TABLE shop.lines (
    order_id integer NOT NULL,
    line_no smallint NOT NULL,
    sku shop.sku NOT NULL,
    qty integer DEFAULT 1 NOT NULL CONSTRAINT lines_qty_check CHECK (qty > 0),
    price numeric(10,2) DEFAULT 9.99,
    total numeric(12,2) GENERATED ALWAYS AS (price * qty) STORED,
    CONSTRAINT lines_pkey PRIMARY KEY (tenant_id, order_id, line_no),
    CONSTRAINT lines_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES shop.orders (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE shop.tickets (
    no integer NOT NULL,
    title text,
    state text DEFAULT 'new',
    tenant_id text NOT NULL,
    parent integer,
    hours numeric(6,2),
    CONSTRAINT tickets_pkey PRIMARY KEY (tenant_id, no),
    CONSTRAINT tickets_title_key UNIQUE (tenant_id, title)
);

CREATE TABLE shop.items (
    id integer GENERATED BY DEFAULT AS IDENTITY,
    code integer GENERATED ALWAYS AS IDENTITY,
    label text DEFAULT 'none',
    CONSTRAINT items_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE shop.stock (
    warehouse text NOT NULL,
    sku shop.sku NOT NULL,
    qty integer DEFAULT 0 NOT NULL,
    moved timestamp without time zone,
    CONSTRAINT stock_pkey PRIMARY KEY (owner, warehouse, sku)
);

-- keys without the tenant column: whether a row can be added depends on rows of others
CREATE TABLE shop.payments (
    id bigint NOT NULL CONSTRAINT payments_pkey PRIMARY KEY,
    ref text CONSTRAINT payments_ref_key UNIQUE,
    amount numeric(10,2) NOT NULL,
    method text DEFAULT 'card'
);

CREATE TABLE shop.refunds (
    id bigint NOT NULL,
    payment_id bigint CONSTRAINT refunds_payment_id_fkey REFERENCES shop.payments (id),
    amount numeric(10,2),
    CONSTRAINT refunds_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE shop.ledger (
    entry bigint NOT NULL,
    account text NOT NULL,
    amount numeric(12,2) NOT NULL,
    booked date,
    CONSTRAINT ledger_pkey PRIMARY KEY (tenant_id, entry)
);

CREATE TABLE shop.visits (
    day date NOT NULL,
    page text NOT NULL,
    n integer DEFAULT 1,
    CONSTRAINT visits_pkey PRIMARY KEY (tenant_id, day, page)
);

CREATE TABLE shop.notes (
    id integer,
    body text,
    at timestamp with time zone
);

CREATE TABLE shop.changes (
    customer_id bigint,
    what text
);

CREATE TABLE shop.queue (
    job integer,
    payload text,
    done boolean DEFAULT false
);

-- whose tenant column is no text
CREATE TABLE books.counters (
    name text NOT NULL,
    value bigint DEFAULT 0,
    CONSTRAINT counters_pkey PRIMARY KEY (account, name)
);

CREATE TABLE books.meters (
    account integer NOT NULL,
    meter integer NOT NULL,
    reading numeric(10,3),
    CONSTRAINT meters_pkey PRIMARY KEY (account, meter)
);

CREATE TABLE books.devices (
    owner uuid NOT NULL,
    serial text NOT NULL,
    model text,
    CONSTRAINT devices_pkey PRIMARY KEY (owner, serial)
);
