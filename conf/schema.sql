-- The logical schema: what every tenant believes that the database contains. Plain PostgreSQL DDL, by hand or as
-- `pg_dump --schema-only` prints it. Tables, columns, types, keys, indexes, comments, enums and domains are used; what
-- shapes no table is skipped. The column tenant_id of the real tables is not declared, so that tenants never see it.

CREATE SCHEMA materialized;

CREATE TYPE public.message_status AS ENUM ('queued', 'sent', 'delivered', 'failed');

CREATE TABLE public.channels (
    id smallint NOT NULL,
    name text NOT NULL,
    CONSTRAINT channels_pkey PRIMARY KEY (id)
);

CREATE TABLE public.campaigns (
    id bigint NOT NULL,
    name text NOT NULL,
    channel_id smallint NOT NULL,
    started_at timestamp with time zone,
    budget numeric(12,2) DEFAULT 0 NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT campaigns_pkey PRIMARY KEY (id),
    CONSTRAINT campaigns_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channels (id)
);

CREATE TABLE public.contacts (
    id bigint NOT NULL,
    name text,
    email character varying(320),
    phone character varying(20),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (id)
);

CREATE TABLE public.messages (
    id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    status public.message_status DEFAULT 'queued'::public.message_status NOT NULL,
    sent_at timestamp with time zone,
    price numeric(10,4),
    attributes jsonb
);

CREATE TABLE materialized.daily_campaign_metrics (
    day date NOT NULL,
    campaign_id bigint NOT NULL,
    messages_sent bigint NOT NULL,
    messages_delivered bigint NOT NULL,
    cost numeric(14,4) NOT NULL,
    CONSTRAINT daily_campaign_metrics_pkey PRIMARY KEY (day, campaign_id)
);

CREATE INDEX messages_sent_at_idx ON public.messages USING btree (sent_at);

COMMENT ON TABLE public.campaigns IS 'One mailing or series of mailings';
COMMENT ON TABLE public.messages IS 'Every message that was sent, one row each';
COMMENT ON COLUMN public.messages.price IS 'What the message cost, in the account''s currency';
COMMENT ON TABLE materialized.daily_campaign_metrics IS 'Messages and cost per campaign and day; refreshed every night';
