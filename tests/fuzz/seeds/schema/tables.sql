CREATE TYPE public.s AS ENUM ('a', 'b');
CREATE DOMAIN public.d AS numeric(8,3) DEFAULT 1 NOT NULL CHECK (VALUE > 0);
CREATE TABLE public.messages (id bigserial PRIMARY KEY, phone text DEFAULT 'x'::text NOT NULL, s public.s[], d public.d, t timestamp(3) with time zone DEFAULT now(), UNIQUE (phone) INCLUDE (id));
CREATE TABLE public.channels (id int, name text, FOREIGN KEY (id) REFERENCES public.messages (id) ON DELETE CASCADE);
CREATE TABLE materialized.daily (day date, sent bigint);
CREATE INDEX ON public.messages (phone DESC NULLS LAST);
