-- conversion: one row per customer with an order line. How many visits an order takes.
SELECT
    rfm.customer_id,
    {{ ratio('COALESCE(visits.visit_count, 0)', 'rfm.order_count') }} AS visits_per_order
FROM rfm
LEFT JOIN visits ON visits.customer_id = rfm.customer_id
