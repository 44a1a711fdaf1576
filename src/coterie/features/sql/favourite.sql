-- {{ name }}: one row per customer: the value of {{ of }} with the most, ties broken by money and then by order of rank.
-- The largest weight is found first, so that only ties have to be sorted.
WITH totals AS (
    SELECT customer_id, {{ value }} AS value, {{ rank }} AS rank, {{ weight }} AS weight, {{ money_weight }} AS money
    FROM {{ source }}
    WHERE {{ condition }}
    GROUP BY customer_id, {{ value }}, {{ rank }}
),

largest AS (
    SELECT customer_id, MAX(weight) AS weight
    FROM totals
    GROUP BY customer_id
)

SELECT customer_id, value AS {{ name }}
FROM (
    SELECT
        totals.customer_id, totals.value,
        ROW_NUMBER() OVER (PARTITION BY totals.customer_id ORDER BY totals.money DESC, totals.rank) AS place
    FROM totals
    JOIN largest ON largest.customer_id = totals.customer_id AND largest.weight = totals.weight
) AS ranked
WHERE place = 1
