-- conversion: one row per customer with an order line. How many visits an order takes.
SELECT
    buying.customer_id,
    {{ ratio('COALESCE(visits.visit_count, 0)', 'buying.order_count') }} AS visits_per_order
FROM buying
LEFT JOIN visits ON visits.customer_id = buying.customer_id
