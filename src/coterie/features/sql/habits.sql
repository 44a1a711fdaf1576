-- habits: one row per customer with an order. When the customer orders.
SELECT
    customer_id,
    {{ ratio('COUNT(CASE WHEN ' ~ weekday('ordered_on') ~ ' >= 6 THEN 1 END)', 'COUNT(*)') }} AS weekend_share,
    {{ ratio('COUNT(CASE WHEN ' ~ hour('ordered_at') ~ ' BETWEEN 5 AND 11 THEN 1 END)', 'COUNT(*)') }} AS morning_share,
    {{ ratio('COUNT(CASE WHEN ' ~ hour('ordered_at') ~ ' NOT BETWEEN 5 AND 17 THEN 1 END)', 'COUNT(*)') }} AS evening_share
FROM orders
WHERE is_order
GROUP BY customer_id
