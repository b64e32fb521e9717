SELECT status, count(*), sum(cost), avg(cost), min(sent_at), max(sent_at) FROM messages GROUP BY status ORDER BY status;
SELECT status, count(*) FROM messages GROUP BY 1 ORDER BY 2 DESC, 1;
SELECT date_trunc('month', sent_at) AS month, count(*) FROM messages GROUP BY month ORDER BY month;
SELECT channel_id, count(DISTINCT contact_no) FROM messages GROUP BY channel_id HAVING count(*) > 3 ORDER BY 1;
SELECT count(*), count(campaign_id), count(DISTINCT campaign_id) FROM messages;
SELECT channel_id, status, count(*) FROM campaigns GROUP BY GROUPING SETS ((channel_id, status), (channel_id), ()) ORDER BY 1, 2, 3;
SELECT channel_id, status, count(*), grouping(channel_id, status) FROM campaigns GROUP BY ROLLUP (channel_id, status) ORDER BY 1, 2, 3, 4;
SELECT channel_id, status, count(*) FROM campaigns GROUP BY CUBE (channel_id, status) ORDER BY 1, 2, 3;
SELECT channel_id, status, count(*) FROM campaigns GROUP BY DISTINCT ROLLUP (channel_id, status), ROLLUP (channel_id) ORDER BY 1, 2, 3;
-- the planner knows that the tenant column is constant; the order must still be right
SELECT tenant_id, actor, count(*) FROM audit GROUP BY GROUPING SETS ((tenant_id), (actor), ()) ORDER BY 1, 2, 3;
SELECT tenant_id, actor, count(*) FROM audit GROUP BY ROLLUP (tenant_id, actor) ORDER BY 1, 2, 3;
SELECT tenant_id, count(*) FROM audit GROUP BY CUBE (tenant_id) ORDER BY tenant_id NULLS FIRST;
SELECT a.tenant_id, c.country, count(*) FROM audit a JOIN contacts c USING (tenant_id) GROUP BY GROUPING SETS ((a.tenant_id), (c.country)) ORDER BY 1, 2;
-- the primary key stands for the other columns of its table
SELECT id, name, status, count(*) FROM campaigns GROUP BY id ORDER BY id;
SELECT c.id, c.name, c.budget, count(m.id) FROM campaigns c LEFT JOIN messages m ON m.campaign_id = c.id GROUP BY c.id ORDER BY c.name;
SELECT c.*, count(m.id) FROM campaigns c JOIN messages m ON m.campaign_id = c.id GROUP BY c.id ORDER BY c.id;
SELECT tenant_id, contact_no, full_name FROM contacts GROUP BY tenant_id, contact_no ORDER BY 2;
SELECT h.name, c.name, count(*) FROM channels h JOIN campaigns c ON c.channel_id = h.id GROUP BY h.id, c.id ORDER BY 1, 2;
SELECT c.id FROM campaigns c GROUP BY c.id HAVING max(c.name) > c.name OR c.status = 'active' ORDER BY c.budget;
SELECT string_agg(name, ', ' ORDER BY id DESC) FROM campaigns;
SELECT array_agg(id ORDER BY id) FROM campaigns;
SELECT array_agg(DISTINCT status ORDER BY status) FROM campaigns;
SELECT json_agg(name ORDER BY id), jsonb_object_agg(id::text, status) FROM campaigns;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY cost), percentile_disc(0.9) WITHIN GROUP (ORDER BY cost) FROM messages;
SELECT mode() WITHIN GROUP (ORDER BY status) FROM messages;
SELECT rank(3) WITHIN GROUP (ORDER BY channel_id) FROM campaigns;
SELECT count(*) FILTER (WHERE status = 'sent') AS sent, count(*) FILTER (WHERE urgent) AS urgent FROM messages;
SELECT bool_and(urgent), bool_or(urgent), every(segments > 0) FROM messages;
SELECT stddev(cost), variance(cost), corr(cost, segments), regr_slope(cost, segments) FROM messages WHERE cost < 1;
SELECT bit_and(segments), bit_or(segments) FROM messages;
SELECT id, row_number() OVER (ORDER BY id) FROM campaigns ORDER BY id;
SELECT id, rank() OVER (PARTITION BY channel_id ORDER BY budget DESC), dense_rank() OVER (PARTITION BY status ORDER BY id) FROM campaigns ORDER BY id;
SELECT id, sum(cost) OVER (PARTITION BY campaign_id ORDER BY sent_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM messages ORDER BY id;
SELECT id, avg(cost) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW) FROM messages ORDER BY id;
SELECT id, count(*) OVER (ORDER BY sent_at RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 day' FOLLOWING) FROM messages ORDER BY id;
SELECT id, sum(segments) OVER (ORDER BY channel_id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM messages ORDER BY id;
SELECT id, lag(id) OVER w, lead(id, 2, 0) OVER w, first_value(id) OVER w, last_value(id) OVER w, nth_value(id, 2) OVER w FROM campaigns WINDOW w AS (PARTITION BY channel_id ORDER BY id) ORDER BY id;
SELECT id, sum(budget) OVER (w RANGE UNBOUNDED PRECEDING), ntile(3) OVER (v) FROM campaigns WINDOW v AS (ORDER BY id), w AS (PARTITION BY status ORDER BY id) ORDER BY id;
SELECT id, percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY channel_id) FROM campaigns ORDER BY id;
SELECT id, count(*) FILTER (WHERE status = 'active') OVER (ORDER BY id) FROM campaigns ORDER BY id;
SELECT status, count(*), sum(count(*)) OVER (ORDER BY status) FROM messages GROUP BY status ORDER BY status;
SELECT status, count(*) * 100.0 / sum(count(*)) OVER () AS share FROM messages GROUP BY status ORDER BY status;
SELECT count(*) OVER () FROM campaigns;
SELECT max(count) FROM (SELECT count(*) FROM messages GROUP BY contact_no) x;
SELECT sum(1) FROM campaigns WHERE id < 0;
SELECT count(*) FROM (SELECT 1 FROM messages GROUP BY campaign_id, status) x;
SELECT min(name), max(name) FROM campaigns WHERE id > 7000000;
SELECT any_status, n FROM (SELECT status AS any_status, count(*) AS n FROM messages GROUP BY status) x WHERE n > 1 ORDER BY 1;
SELECT count(c) FROM campaigns c;
SELECT count(c.*), count(*) FROM campaigns c LEFT JOIN messages m ON m.id = c.id;
SELECT extract(hour FROM sent_at) AS h, count(*) FROM messages GROUP BY 1 ORDER BY 1;
-- @ no-binary an array of an enum carries the number of its element type, which is another one in each database
SELECT contact_no % 3 AS bucket, array_agg(DISTINCT status ORDER BY status) FROM messages GROUP BY contact_no % 3 ORDER BY 1;
-- @ error 42803
SELECT name, count(*) FROM campaigns GROUP BY channel_id;
-- @ error 42803
SELECT m.subject, count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id GROUP BY c.id;
