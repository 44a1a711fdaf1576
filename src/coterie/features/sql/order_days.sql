-- order_days: one row per customer and day with an order.
SELECT customer_id, ordered_on, SUM(sold) AS sold
FROM orders
WHERE is_order
GROUP BY customer_id, ordered_on
