-- gaps: one row per customer and day with an order, with the days since the day before it and the ends of the history.
SELECT
    customer_id,
    ordered_on,
    sold,
    {{ days_between('LAG(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on)', 'ordered_on') }} AS gap,
    MIN(ordered_on) OVER (PARTITION BY customer_id) AS first_on,
    MAX(ordered_on) OVER (PARTITION BY customer_id) AS last_on
FROM order_days
