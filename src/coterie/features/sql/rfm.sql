-- rfm: one row per customer. Recency, frequency, money, and the spread of the order values.
-- Cents are whole numbers, so that the variance n·Σv² − (Σv)² is exact and equal orders give a spread of exactly 0.
SELECT
    customer_id,
    {{ days_between('COALESCE(MAX(CASE WHEN is_order THEN ordered_on END), MAX(ordered_on))', as_of) }} AS recency_days,
    {{ days_between('COALESCE(MIN(CASE WHEN is_order THEN ordered_on END), MIN(ordered_on))', as_of) }} AS tenure_days,
    {{ month_start('COALESCE(MIN(CASE WHEN is_order THEN ordered_on END), MIN(ordered_on))') }} AS first_order_month,
    COUNT(CASE WHEN is_order THEN 1 END) AS order_count,
    {{ money('SUM(net)') }} AS net_revenue,
    {{ ratio('SUM(CASE WHEN is_order THEN sold END)', 'COUNT(CASE WHEN is_order THEN 1 END)') }} AS average_order_value,
    {{ variation('CASE WHEN is_order THEN ' ~ whole('sold * 100') ~ ' END') }} AS order_value_variation
FROM orders
GROUP BY customer_id
