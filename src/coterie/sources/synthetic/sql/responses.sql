-- One row a customer: a campaign after the last day of the orders, sent to half of the customers by lot.
WITH drawn AS (
    SELECT
        *,
        {{ uniform(word("treated")) }} < 0.5 AS treated,
        {{ uniform(word("responded")) }} AS u
    FROM {{ traits }}
),
answered AS (
    SELECT *, u < response + CASE WHEN treated THEN effect ELSE 0 END AS responded
    FROM drawn
)
SELECT
    customer_id,
    'summer voucher' AS campaign,
    treated,
    responded,
    CAST(CASE WHEN responded
        THEN 14 * (1 + extra_lines) * (0.5 + price_level) * exp(0.5 * {{ normal(word("spend")) }})
        ELSE 0 END AS DECIMAL(18, 2)) AS spend
FROM answered
ORDER BY customer_id
