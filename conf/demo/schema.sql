-- What every customer of the demo believes its database contains: a messaging platform's analytics.
-- There is no tenant column anywhere: it exists only in the shared tables underneath.
CREATE SCHEMA materialized;

CREATE TYPE public.delivery_status AS ENUM ('queued', 'sent', 'delivered', 'bounced', 'failed');

CREATE TABLE public.channels (
    id integer PRIMARY KEY,
    name text NOT NULL,
    unit_cost numeric(8,4) NOT NULL
);
COMMENT ON TABLE public.channels IS 'Ways a message can travel; the same for everybody';

CREATE TABLE public.campaigns (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    channel_id integer NOT NULL,
    status text NOT NULL,
    starts_on date NOT NULL,
    budget numeric(12,2) NOT NULL
);

CREATE TABLE public.contacts (
    id bigint PRIMARY KEY,
    full_name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    country character(2) NOT NULL
);

CREATE TABLE public.messages (
    id bigint PRIMARY KEY,
    campaign_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    status public.delivery_status NOT NULL,
    cost numeric(10,4) NOT NULL,
    sent_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE public.messages IS 'One row a message; raw, in the warehouse';

CREATE TABLE public.delivery_events (
    id bigint PRIMARY KEY,
    message_id bigint NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    latency_ms integer NOT NULL
);

CREATE TABLE public.clicks (
    id bigint PRIMARY KEY,
    message_id bigint NOT NULL,
    url text NOT NULL,
    clicked_at timestamp with time zone NOT NULL
);

CREATE TABLE materialized.daily_campaign_metrics (
    day date NOT NULL,
    campaign_id bigint NOT NULL,
    sent integer NOT NULL,
    delivered integer NOT NULL,
    clicks integer NOT NULL,
    spend numeric(14,4) NOT NULL,
    PRIMARY KEY (day, campaign_id)
);
COMMENT ON TABLE materialized.daily_campaign_metrics IS 'Precomputed every night from messages and clicks';
