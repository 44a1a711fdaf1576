-- breadth: one row per customer who bought a product. How many different products.
{% if one_category %}
SELECT
    customer_id,
    SUM(product_count) AS product_count,
    {{ ratio('SUM(product_count)', 'SUM(line_count)') }} AS new_product_share
FROM customer_categories
GROUP BY customer_id
{% else %}
SELECT
    customer_id,
    COUNT(DISTINCT product) AS product_count,
    {{ ratio('COUNT(DISTINCT product)', 'SUM(line_count)') }} AS new_product_share
FROM customer_products
WHERE product IS NOT NULL
GROUP BY customer_id
{% endif %}
