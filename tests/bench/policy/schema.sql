-- The schema of bench_rewrite.
CREATE TABLE public.channels (id smallint PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.campaigns (id bigint PRIMARY KEY, name text NOT NULL, channel_id smallint, started_at timestamp with time zone, budget numeric(12,2), tags text[]);
CREATE TABLE public.contacts (id bigint PRIMARY KEY, name text, email character varying(320), phone character varying(20), created_at timestamp with time zone);
CREATE TABLE public.messages (id bigint NOT NULL, campaign_id bigint, contact_id bigint, status text, sent_at timestamp with time zone, price numeric(10,4), attributes jsonb);
