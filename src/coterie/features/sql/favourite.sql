-- {{ name }}: one row per customer: the value of {{ of }} with the most, ties broken by money and then by order of rank.
SELECT customer_id, value AS {{ name }}
FROM (
    SELECT
        customer_id, value,
        ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY weight DESC, money DESC, rank) AS place
    FROM (
        SELECT customer_id, {{ value }} AS value, {{ rank }} AS rank, {{ weight }} AS weight, {{ money_weight }} AS money
        FROM {{ source }}
        WHERE {{ condition }}
        GROUP BY customer_id, {{ value }}, {{ rank }}
    ) AS totals
) AS ranked
WHERE place = 1
