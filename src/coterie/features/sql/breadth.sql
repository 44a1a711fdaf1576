-- breadth: one row per customer who bought a product. How many different products, and how many of the lines were the first
-- of their product. The lines are added up by category already; only the products have to be told apart here.
SELECT
    chosen.customer_id,
    chosen.product_count,
    {{ ratio('chosen.product_count', 'counted.line_count') }} AS new_product_share
FROM (
    SELECT customer_id, COUNT(*) AS product_count
    FROM (SELECT DISTINCT customer_id, product FROM lines WHERE is_purchase AND product IS NOT NULL) AS pairs
    GROUP BY customer_id
) AS chosen
JOIN (
    SELECT customer_id, SUM(product_lines) AS line_count
    FROM customer_categories
    GROUP BY customer_id
) AS counted ON counted.customer_id = chosen.customer_id
