-- gaps: one row per customer and order, with the first day of all and, on the first order of a day, the days since the day
-- with an order before it.
SELECT
    customer_id,
    ordered_on,
    sold,
    NULLIF({{ days_between('LAG(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on)', 'ordered_on') }}, 0) AS gap,
    FIRST_VALUE(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS first_on
FROM orders
WHERE is_order
