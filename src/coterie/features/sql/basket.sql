-- basket: one row per customer with an order. How much goes into one order.
SELECT
    customer_id,
    {{ ratio('SUM(line_count)', 'COUNT(*)') }} AS lines_per_order,
    {{ ratio('SUM(units)', 'COUNT(*)') }} AS units_per_order
FROM orders
WHERE is_order
GROUP BY customer_id
