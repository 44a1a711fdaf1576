-- breadth: one row per customer who bought a product. How many different products.
SELECT
    customer_id,
    COUNT(DISTINCT product) AS product_count,
    {{ ratio('COUNT(DISTINCT product)', 'SUM(line_count)') }} AS new_product_share
FROM customer_products
WHERE product IS NOT NULL
GROUP BY customer_id
