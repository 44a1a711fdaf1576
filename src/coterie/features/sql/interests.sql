-- interests: one row per customer with spend in a category. Shares of the spend and how evenly it is spread.
-- The entropy −Σ p·ln p is ln W − Σ w·ln w / W, with W = Σ w; each term is rounded to a decimal before it is summed, so
-- that the order of rows does not matter.
SELECT
    customer_id,
    COUNT(*) AS category_count,
    {% for share in category_shares %}
    {{ ratio('SUM(CASE WHEN category = ' ~ share.literal ~ ' THEN weight ELSE 0 END)', 'SUM(weight)') }} AS {{ share.column }},
    {% endfor %}
    CASE
        WHEN COUNT(CASE WHEN weight > 0 THEN 1 END) = 1 THEN {{ f64('0') }}
        WHEN SUM(weight) > 0 THEN (LN({{ f64('SUM(weight)') }}) - {{ ratio('SUM(' ~ weight_log ~ ')', 'SUM(weight)') }})
            / {{ f64(log_categories) }}
    END AS category_entropy
FROM customer_categories
WHERE category IS NOT NULL
GROUP BY customer_id
