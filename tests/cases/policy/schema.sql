-- The logical schema of the golden rewrite cases. The tenant column is declared for audit and crm.contacts only.
CREATE SCHEMA crm;
CREATE SCHEMA materialized;
CREATE TYPE public.delivery_status AS ENUM ('queued', 'sent', 'failed');
CREATE DOMAIN public.email_address AS text;
CREATE DOMAIN public.known_id AS bigint CHECK (public.is_known(VALUE));
CREATE TYPE crm.stage AS ENUM ('lead', 'won');
CREATE TABLE public.channels (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.campaigns (id bigint PRIMARY KEY, name text NOT NULL, budget numeric(12,2), tags text[], extra json);
CREATE TABLE public.contacts (id bigint PRIMARY KEY, email public.email_address, phone text);
CREATE TABLE public.messages (id bigint PRIMARY KEY, campaign_id bigint, contact_id bigint, status public.delivery_status, price numeric, sent_at timestamp with time zone, attributes jsonb);
CREATE TABLE public.audit (tenant_id text NOT NULL, id integer NOT NULL, note text, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.orders (id bigint PRIMARY KEY, total numeric);
CREATE TABLE public."Mixed Case" ("Draft No" integer PRIMARY KEY, "select" text);
CREATE TABLE crm.contacts (tenant_id text NOT NULL, id bigint NOT NULL, owner text, stage crm.stage, PRIMARY KEY (tenant_id, id));
CREATE TABLE materialized.daily (day date NOT NULL, campaign_id bigint NOT NULL, sent bigint, PRIMARY KEY (day, campaign_id));
CREATE TABLE materialized.campaigns (id bigint PRIMARY KEY, clicks bigint);
