-- customer_products: one row per customer, product and category bought; returns and charges left out.
SELECT
    customer_id,
    product,
    category,
    COUNT(*) AS line_count,
    SUM(quantity) AS units,
    {{ money('COALESCE(SUM(amount), 0)') }} AS spent
FROM lines
WHERE is_purchase AND (product IS NOT NULL OR category IS NOT NULL)
GROUP BY customer_id, product, category
