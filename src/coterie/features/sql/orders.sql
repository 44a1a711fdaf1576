-- orders: one row per customer and order. An order's time is that of its first purchase line, else of its first line;
-- `sold` is what was paid before anything came back, `returned` what came back, `net` everything together.
SELECT
    customer_id,
    order_id,
    COALESCE(MIN(CASE WHEN is_purchase THEN ordered_at END), MIN(ordered_at)) AS ordered_at,
    CAST(COALESCE(MIN(CASE WHEN is_purchase THEN ordered_at END), MIN(ordered_at)) AS DATE) AS ordered_on,
    COUNT(CASE WHEN is_purchase THEN 1 END) > 0 AS is_order,
    COUNT(CASE WHEN is_return THEN 1 END) > 0 AS has_return,
    COUNT(CASE WHEN is_purchase THEN 1 END) AS line_count,
    {{ decimal('SUM(CASE WHEN is_purchase THEN quantity END)', 18, 3) }} AS units,
    {{ money('COALESCE(SUM(CASE WHEN is_return THEN 0 ELSE amount END), 0)') }} AS sold,
    {{ money('COALESCE(SUM(CASE WHEN is_return AND amount < 0 THEN -amount ELSE 0 END), 0)') }} AS returned,
    {{ money('COALESCE(SUM(amount), 0)') }} AS net,
    {{ money('COALESCE(SUM(CASE WHEN is_return THEN 0 ELSE discount END), 0)') }} AS discount,
    {{ 'MIN(CASE WHEN is_purchase THEN channel END)' if channels else 'NULL' }} AS channel,
    {{ 'MIN(CASE WHEN is_purchase THEN country END)' if countries else 'NULL' }} AS country
FROM lines
GROUP BY customer_id, order_id
