-- discounts: one row per customer with an order. What was taken off.
SELECT
    customer_id,
    {{ ratio('SUM(discount)', 'SUM(discount + sold)') }} AS discount_share,
    {{ ratio('COUNT(CASE WHEN discount > 0 THEN 1 END)', 'COUNT(*)') }} AS discounted_order_share
FROM orders
WHERE is_order
GROUP BY customer_id
