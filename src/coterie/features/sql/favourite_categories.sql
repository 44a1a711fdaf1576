-- favourite_categories: one row per customer with spend in a category: that with the most, ties by name.
SELECT spent.customer_id, MIN(spent.category) AS favourite_category
FROM customer_categories AS spent
JOIN (
    SELECT customer_id, MAX(weight) AS weight
    FROM customer_categories
    WHERE weight > 0 AND category <> {{ other_products }}
    GROUP BY customer_id
) AS most ON most.customer_id = spent.customer_id AND most.weight = spent.weight
WHERE spent.category <> {{ other_products }}
GROUP BY spent.customer_id
