-- breadth: one row per customer who bought a product. How many different products.
SELECT
    customer_id,
    COUNT(*) AS product_count,
    {{ ratio('COUNT(*)', 'SUM(line_count)') }} AS new_product_share
FROM (
    SELECT customer_id, product, COUNT(*) AS line_count
    FROM lines
    WHERE is_purchase AND product IS NOT NULL
    GROUP BY customer_id, product
) AS bought
GROUP BY customer_id
