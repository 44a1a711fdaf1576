-- visits: one row per customer with an event. How often, how lately, how long.
-- Durations are rounded to milliseconds and summed as decimals, so that the order of rows does not matter.
SELECT
    customer_id,
    COUNT(DISTINCT visit) AS visit_count,
    {{ days_between('CAST(MAX(happened_at) AS DATE)', as_of) }} AS days_since_visit,
    {{ ratio('COUNT(*)', 'COUNT(DISTINCT visit)') }} AS events_per_visit,
    {{ ratio('SUM(' ~ decimal('duration_seconds', 18, 3) ~ ')', '60 * COUNT(DISTINCT visit)') }} AS visit_minutes
FROM events
GROUP BY customer_id
