-- The demo's shared data: three customers in the same tables, about a million raw rows, the same on every run.
-- Both databases get the small tables; the warehouse gets the raw ones, the metrics database the rollup.
CREATE TYPE public.delivery_status AS ENUM ('queued', 'sent', 'delivered', 'bounced', 'failed');

CREATE TABLE public.channels (id integer PRIMARY KEY, name text NOT NULL, unit_cost numeric(8,4) NOT NULL);
INSERT INTO public.channels VALUES (1, 'sms', 0.0450), (2, 'email', 0.0012), (3, 'push', 0.0003), (4, 'whatsapp', 0.0310);

CREATE TEMP TABLE customer (tenant_id text, base bigint, campaigns int, contacts int, messages int);
INSERT INTO customer VALUES ('acme', 1000000, 12, 4000, 120000), ('globex', 2000000, 9, 2500, 80000), ('initech', 3000000, 5, 900, 30000);

CREATE TABLE public.campaigns (tenant_id text NOT NULL, id bigint NOT NULL, name text NOT NULL, channel_id integer NOT NULL, status text NOT NULL,
                               starts_on date NOT NULL, budget numeric(12,2) NOT NULL, PRIMARY KEY (tenant_id, id));
INSERT INTO public.campaigns
SELECT tenant_id, base + i, initcap(tenant_id) || ' ' || (ARRAY['Spring sale', 'Welcome', 'Win-back', 'Newsletter', 'Launch', 'Reminder'])[i % 6 + 1] || ' ' || i,
       i % 4 + 1, (ARRAY['active', 'paused', 'done'])[i % 3 + 1], date '2026-01-01' + i * 3, 500 + i * 125.50
FROM customer, generate_series(1, campaigns) i;

CREATE TABLE public.contacts (tenant_id text NOT NULL, id bigint NOT NULL, full_name text NOT NULL, email text NOT NULL, phone text NOT NULL,
                              country character(2) NOT NULL, PRIMARY KEY (tenant_id, id));
INSERT INTO public.contacts
SELECT tenant_id, base + i, initcap(tenant_id) || ' Contact ' || i, 'contact' || i || '@' || tenant_id || '.example', '+49 30 ' || 100000 + base / 10 + i,
       (ARRAY['DE', 'FR', 'US', 'JP'])[i % 4 + 1]
FROM customer, generate_series(1, contacts) i;

CREATE TABLE public.messages (tenant_id text NOT NULL, id bigint NOT NULL, campaign_id bigint NOT NULL, contact_id bigint NOT NULL,
                              status public.delivery_status NOT NULL, cost numeric(10,4) NOT NULL, sent_at timestamptz NOT NULL);
INSERT INTO public.messages
SELECT tenant_id, base * 10 + i, base + 1 + (hashint4(i * 3) & 4095) % campaigns, base + 1 + (hashint4(i) & 65535) % contacts,
       (ARRAY['delivered', 'delivered', 'delivered', 'sent', 'bounced', 'delivered', 'failed', 'queued'])[(hashint4(i) & 7) + 1]::public.delivery_status,
       c.unit_cost, timestamptz '2026-01-02 00:00:00+00' + i * (interval '90 days' / messages)
FROM customer, generate_series(1, messages) i JOIN public.channels c ON c.id = i % 4 + 1;

CREATE TABLE public.delivery_events (tenant_id text NOT NULL, id bigint NOT NULL, message_id bigint NOT NULL, kind text NOT NULL, at timestamptz NOT NULL,
                                     latency_ms integer NOT NULL);
INSERT INTO public.delivery_events
SELECT tenant_id, id * 10 + k, id, (ARRAY['accepted', 'routed', 'delivered'])[k], sent_at + k * interval '1.7 seconds', (id * k % 977)::int
FROM public.messages, generate_series(1, 3) k;

CREATE TABLE public.clicks (tenant_id text NOT NULL, id bigint NOT NULL, message_id bigint NOT NULL, url text NOT NULL, clicked_at timestamptz NOT NULL);
INSERT INTO public.clicks
SELECT tenant_id, id * 10, id, 'https://' || tenant_id || '.example/offer/' || id % 7, sent_at + (id % 3600) * interval '1 second'
FROM public.messages WHERE (hashint8(id) & 7) < 3;

CREATE TABLE public._materialized_daily_campaign_metrics (tenant_id text NOT NULL, day date NOT NULL, campaign_id bigint NOT NULL, sent integer NOT NULL,
                                                          delivered integer NOT NULL, clicks integer NOT NULL, spend numeric(14,4) NOT NULL,
                                                          PRIMARY KEY (tenant_id, day, campaign_id));
INSERT INTO public._materialized_daily_campaign_metrics
SELECT m.tenant_id, (m.sent_at AT TIME ZONE 'UTC')::date, m.campaign_id, count(*), count(*) FILTER (WHERE m.status = 'delivered'), count(c.id), sum(m.cost)
FROM public.messages m LEFT JOIN public.clicks c ON c.tenant_id = m.tenant_id AND c.message_id = m.id
GROUP BY 1, 2, 3;

CREATE INDEX ON public.messages (tenant_id, sent_at);
CREATE INDEX ON public.delivery_events (tenant_id, message_id);
CREATE INDEX ON public.clicks (tenant_id, message_id);
