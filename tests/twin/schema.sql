-- The logical schema of the twin tests: what every tenant believes its database contains.
-- `tenant_id` is declared for public.audit and public.contacts only: the two kinds of tenant table.
CREATE SCHEMA materialized;
CREATE SCHEMA crm;

CREATE TYPE public.delivery_status AS ENUM ('queued', 'sent', 'delivered', 'bounced', 'failed');
CREATE DOMAIN public.email_address AS text;

CREATE TABLE public.channels (
    id integer PRIMARY KEY,
    name text NOT NULL,
    unit_cost numeric(8,4) NOT NULL
);

CREATE TABLE public.campaigns (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    status text,
    channel_id integer NOT NULL,
    parent_id bigint,
    budget numeric(12,2),
    starts_on date,
    created_at timestamp with time zone,
    tags text[],
    settings jsonb
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
    id bigint PRIMARY KEY,
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
    trace uuid
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
    PRIMARY KEY (day, campaign_id)
);
