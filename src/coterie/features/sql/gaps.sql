-- gaps: one row per customer and day with an order, with the days since the day before it and the first day of all.
SELECT
    customer_id,
    ordered_on,
    sold,
    {{ days_between('LAG(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on)', 'ordered_on') }} AS gap,
    FIRST_VALUE(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS first_on
FROM order_days
