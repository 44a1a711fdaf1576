-- interests: one row per customer with spend in a category. Shares of the spend and how evenly it is spread.
-- Each term of the entropy is rounded to a decimal before it is summed, so that the order of rows does not matter.
SELECT
    customer_id,
    COUNT(*) AS category_count,
    {% for share in category_shares %}
    {{ ratio('SUM(CASE WHEN category = ' ~ share.literal ~ ' THEN weight ELSE 0 END)', 'SUM(weight)') }} AS {{ share.column }},
    {% endfor %}
    CASE WHEN SUM(weight) > 0 THEN {{ f64('SUM(' ~ surprise ~ ')') }} / {{ f64(log_categories) }} END AS category_entropy
FROM (
    SELECT customer_id, category, weight, {{ ratio('weight', 'SUM(weight) OVER (PARTITION BY customer_id)') }} AS p
    FROM customer_categories
) AS spread
GROUP BY customer_id
